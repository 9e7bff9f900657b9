"""
Why postings exist that the books themselves know the reason of: one sentence each, in the active language.

What was bought or returned is known by the rooms above, which ask here for the rest.
"""

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kernel.wording import money_text, number_text
from ledger.models import AdjustmentLine, Conversion, Entry, Posting, Purchase, Unit

Reasons = Callable[[Sequence[int]], Mapping[int, str]]


def of(kinds: Mapping[int, str]) -> dict[int, str]:
    """
    The sentences by posting id, for postings given with their kinds; those that are not explained here are left out.
    Costs a query for each kind that is.
    """
    found: dict[int, str] = {}
    for kind, reasons in KINDS.items():
        asked = [posting_id for posting_id, its_kind in kinds.items() if its_kind == kind]
        if asked:
            found |= reasons(asked)
    return found


def _adjusted(posting_ids: Sequence[int]) -> dict[int, str]:
    lines = AdjustmentLine.objects.filter(posting__in=posting_ids).values_list(
        "posting_id", "wording", "adjustment__wording"
    )
    return {
        posting_id: _("Adjusted by the shop: %(text)s") % {"text": own or shared} for posting_id, own, shared in lines
    }


def _converted(posting_ids: Sequence[int]) -> dict[int, str]:
    done = Conversion.objects.filter(posting__in=posting_ids).select_related("terms__source_unit", "terms__target_unit")
    return {
        row.posting_id: _("Exchanged: %(taken)s for %(given)s.")
        % {
            "taken": _amount(row.chunks * row.chunk, row.terms.source_unit),
            "given": _amount(row.chunks * row.gives, row.terms.target_unit),
        }
        for row in done
    }


def _decayed(posting_ids: Sequence[int]) -> dict[int, str]:
    decays = Posting.objects.filter(pk__in=posting_ids, source="ledger", reference__startswith="decay:")
    return dict.fromkeys(decays.values_list("pk", flat=True), _("Lost because nothing was earned for a long time."))


def _bought(posting_ids: Sequence[int]) -> dict[int, str]:
    found = Purchase.objects.filter(posting__in=posting_ids).select_related("unit__programme")
    return {
        purchase.posting_id: _("Bought: %(amount)s for %(money)s.")
        % {"amount": _amount(purchase.amount, purchase.unit), "money": _money(purchase.total, purchase)}
        for purchase in found
        if purchase.posting_id is not None
    }


def _money_went_back(posting_ids: Sequence[int]) -> dict[int, str]:
    """Of what was taken back, that which had been bought."""
    back = Posting.objects.filter(pk__in=posting_ids, source="purchase").values_list("pk", "corrects_id")
    of = dict(back)
    bought = Purchase.objects.filter(posting__in=of.values()).select_related("unit")
    names = {purchase.posting_id: _amount(purchase.amount, purchase.unit) for purchase in bought}
    return {
        posting_id: _("Taken back because money for %(amount)s that were bought was given back.")
        % {"amount": names[origin]}
        for posting_id, origin in of.items()
    }


def _money(amount: int, purchase: Purchase) -> str:
    decimals = purchase.unit.programme.currency_decimals
    return money_text(amount, currency=purchase.currency, decimals=decimals, language=get_language() or "en")


def _pooled(posting_ids: Sequence[int]) -> dict[int, str]:
    into, home = _("Contributed to the household."), _("Came home from the household.")
    of_pools = Entry.objects.filter(posting__in=posting_ids, wallet__is_pool=True).values_list("posting_id", "amount")
    return {posting_id: into if amount > 0 else home for posting_id, amount in of_pools}


def _amount(amount: int, unit: Unit) -> str:
    return f"{number_text(amount, decimals=unit.decimals, language=get_language() or 'en')} {unit.name}"


# The kinds of postings that are explained here, and by what.
KINDS: Mapping[str, Reasons] = {
    Posting.Kind.ADJUST: _adjusted,
    Posting.Kind.CONVERT: _converted,
    Posting.Kind.EXPIRE: _decayed,
    Posting.Kind.PURCHASE: _bought,
    Posting.Kind.CLAW_BACK: _money_went_back,
    Posting.Kind.TRANSFER: _pooled,
}
