"""Names shown to strangers: enough to recognise somebody, too little to learn who it is."""

import unicodedata

from django.utils.translation import gettext as _

from members.models import Member

_SHOWN = 2


def masked(member: Member) -> str:
    """A member's name as another member sees it: "An… K."; without a name the number's last four digits."""
    words = unicodedata.normalize("NFC", member.name).split()
    if not words:
        return _("member …%(digits)s") % {"digits": member.number[-4:]}
    # Of a short name less is shown, or it would be all of it.
    first = words[0][: min(_SHOWN, max(len(words[0]) - 1, 1))] + "…"
    return f"{first} {words[-1][0]}." if len(words) > 1 else first
