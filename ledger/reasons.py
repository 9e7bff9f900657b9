"""
Why postings exist that the books themselves know the reason of: one sentence each, in the active language.

What was bought or returned is known by the rooms above, which ask here for the rest.
"""

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _

from ledger.models import AdjustmentLine, Posting

Reasons = Callable[[Sequence[int]], Mapping[int, str]]


def of(posting_ids: Sequence[int]) -> dict[int, str]:
    """The sentences by posting id; postings of other kinds than `KINDS` are left out."""
    found: dict[int, str] = {}
    for reasons in KINDS.values():
        found |= reasons(posting_ids)
    return found


def _adjusted(posting_ids: Sequence[int]) -> dict[int, str]:
    lines = AdjustmentLine.objects.filter(posting__in=posting_ids).values_list(
        "posting_id", "wording", "adjustment__wording"
    )
    return {
        posting_id: _("Adjusted by the shop: %(text)s") % {"text": own or shared} for posting_id, own, shared in lines
    }


# The kinds of postings that are explained here, and by what.
KINDS: Mapping[str, Reasons] = {Posting.Kind.ADJUST: _adjusted}
