"""Units accepted at the checkout."""

from django.db import transaction

from ledger.models import PaymentTerms, Unit
from ledger.paying import Terms


@transaction.atomic
def accept_as_payment(*, unit: Unit, terms: Terms, is_accepted: bool = True) -> PaymentTerms:
    """
    Say what a unit is worth at the checkout from now on; what was paid before keeps its value.

    Stored value is money: one whole unit of it pays one whole unit of the currency, whatever `terms` say.

    :raises ValueError: if it is a unit of qualifying points: they count towards tiers and buy nothing
    """
    if unit.klass == Unit.Klass.QUALIFYING:
        raise ValueError("qualifying points are no means of payment")
    worth = (
        (10**unit.decimals, 10**unit.programme.currency_decimals)
        if unit.klass == Unit.Klass.STORED_VALUE
        else (terms.units, terms.money)
    )
    accepted, _ = PaymentTerms.objects.update_or_create(
        unit=unit,
        defaults={
            "is_accepted": is_accepted,
            "units": worth[0],
            "money": worth[1],
            "minimum": terms.minimum,
            "maximum": terms.maximum,
            "step": terms.step,
            "share_percent": terms.share_percent,
            "earns": terms.earns,
        },
    )
    return accepted
