"""What payment terms mean, told by an example order."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kernel.wording import money_text, number_text
from ledger.models import Unit
from ledger.paying import Terms, bounds, split, value_of

# In whole units of the currency.
EXAMPLE_ORDER = 200


def worth_sentence(terms: Terms, unit: Unit) -> str:
    """What points are worth: "1,000 Points are worth €100.00."."""
    return _("%(amount)s are worth %(value)s.") % {
        "amount": _units(terms.units, unit),
        "value": _money(value_of(terms.units, terms), unit),
    }


def example_sentence(terms: Terms, unit: Unit) -> str:
    """What a customer with more than enough could do at an order of `EXAMPLE_ORDER`."""
    total = EXAMPLE_ORDER * 10**unit.programme.currency_decimals
    most = bounds(terms, spendable=10**15, total=total)
    facts = {"order": _money(total, unit), "least": _units(most.minimum, unit), "most": _units(most.maximum, unit)}
    if most.reason:
        return _("For an order of %(order)s nobody could pay with it: the least is %(least)s.") % facts
    half = split(terms, most, wanted=max(most.minimum, most.maximum // 2), total=total)
    facts |= {
        "some": _units(half.points, unit),
        "value": _money(half.value, unit),
        "left": _money(half.left, unit),
        "step": _units(terms.step, unit),
    }
    sentence = _(
        "For an order of %(order)s a customer can give %(least)s to %(most)s, in steps of %(step)s. "
        "With %(some)s, %(value)s are paid and %(left)s are left for money."
    )
    earns = _("What is paid so earns like money.") if terms.earns else _("What is paid so earns nothing.")
    return f"{sentence % facts} {earns}"


def _units(amount: int, unit: Unit) -> str:
    return f"{number_text(amount, decimals=unit.decimals, language=_language())} {unit.name}"


def _money(amount: int, unit: Unit) -> str:
    programme = unit.programme
    return money_text(amount, currency=programme.currency, decimals=programme.currency_decimals, language=_language())


def _language() -> str:
    return get_language() or "en"
