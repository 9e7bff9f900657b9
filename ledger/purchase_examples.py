"""What purchase terms mean, told by examples."""

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kernel.wording import money_text, number_text
from ledger.buying import Offer, objection, price_of
from ledger.models import Unit

EXAMPLES = 3


def price_sentence(offer: Offer, unit: Unit) -> str:
    """What it costs: "1,000 Points cost €15.00, and each purchase €15.00 besides."."""
    facts = {"step": _units(offer.step, unit), "price": _money(offer.price, unit), "fee": _money(offer.fee, unit)}
    if offer.fee:
        return _("%(step)s cost %(price)s, and each purchase %(fee)s besides.") % facts
    return _("%(step)s cost %(price)s.") % facts


def example_sentence(offer: Offer, unit: Unit) -> str:
    """What some amounts cost: "Together: 1,000 Points €30.00, 5,000 Points €90.00, 10,000 Points €165.00."."""
    amounts = [
        amount for amount in (offer.minimum * factor for factor in (1, 5, 10, 50)) if not objection(offer, amount)
    ]
    listed = [f"{_units(amount, unit)} {_money(price_of(offer, amount).total, unit)}" for amount in amounts[:EXAMPLES]]
    return _("In all: %(examples)s.") % {"examples": ", ".join(listed)}


def limit_sentence(offer: Offer, unit: Unit) -> str:
    """How much of it, and how long it can be given back."""
    facts = {"least": _units(offer.minimum, unit), "most": _units(offer.maximum, unit)}
    said = [_("From %(least)s to %(most)s at once.") % facts]
    if offer.max_per_year is not None:
        said.append(_("At most %(limit)s a member and calendar year.") % {"limit": _units(offer.max_per_year, unit)})
    if offer.withdrawal_days:
        days = offer.withdrawal_days
        said.append(
            ngettext(
                "Who used nothing of it can withdraw for %(days)s day.",
                "Who used nothing of it can withdraw for %(days)s days.",
                days,
            )
            % {"days": days}
        )
    else:
        said.append(_("There is no right to withdraw."))
    return " ".join(said)


def _units(amount: int, unit: Unit) -> str:
    return f"{number_text(amount, decimals=unit.decimals, language=_language())} {unit.name}"


def _money(amount: int, unit: Unit) -> str:
    programme = unit.programme
    return money_text(amount, currency=programme.currency, decimals=programme.currency_decimals, language=_language())


def _language() -> str:
    return get_language() or "en"
