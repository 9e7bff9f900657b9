"""What the counter calls people."""

from django.utils.translation import gettext as _

from members.models import Member


def name_of(member: Member) -> str:
    """The first name, and nothing else of the customer's data; the end of the number if there is none."""
    return member.first_name or _("Member …%(digits)s") % {"digits": member.number[-4:]}
