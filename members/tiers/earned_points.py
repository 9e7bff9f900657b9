"""Points of a unit as a metric of tiers: what was earned, whether or not it was spent."""

from collections.abc import Sequence
from functools import partial

from django.utils.translation import get_language

from kernel.wording import number_text
from ledger.earnings import earned_between
from ledger.queries import Unit, units_of
from members.tiers.metrics import Asked, Family, Metric, declare
from shops.models import Programme


def register() -> None:
    """Declare the family; called when the app starts."""
    declare(Family("points", _offered, _measure))


def _offered(programme: Programme) -> list[Metric]:
    return [
        Metric(f"points:{unit.code}", unit.name, unit.decimals, partial(_text, unit))
        for unit in units_of(programme.pk)
        if unit.klass in {Unit.Klass.POINTS, Unit.Klass.QUALIFYING}
    ]


def _measure(programme: Programme, code: str, asked: Sequence[Asked]) -> list[int]:
    unit = units_of(programme.pk).filter(code=code).first()
    if unit is None:
        return [0] * len(asked)
    return earned_between(unit.pk, [(one.wallet_id, one.start, one.end) for one in asked])


def _text(unit: Unit, amount: int) -> str:
    return f"{number_text(amount, decimals=unit.decimals, language=get_language() or 'en')} {unit.name}"
