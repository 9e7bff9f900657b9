"""What the page about paying with points shows: a bill, and for each unit that pays a choice between least and most."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.payment_sentences import amount_of
from campaigns.queries import money_of
from counter.shift import Shift
from kernel.amounts import format_minor
from ledger.checkout import payment_terms
from ledger.paying import bounds, split
from ledger.queries import Balance, balances_of
from members.households.models import Household
from members.households.queries import overview_of, spending_pool
from members.models import Visit


@dataclass(frozen=True, slots=True)
class Payable:
    """
    One unit at a bill. Without a `why_not` it can pay: from `least` to `most` in steps, decimal numbers for fields.

    `household` is the name of the household whose they are, empty for the customer's own. `units` and `money` are minor
    units that are worth each other, for the page to follow the slider; `chosen` pays `value` and leaves `left`, in
    words.
    """

    code: str
    name: str
    household: str
    has: str
    why_not: str
    least: str
    most: str
    step: str
    decimals: int
    units: int
    money: int
    chosen: str
    value: str
    left: str


def can_pay(visit: Visit, balances: Sequence[Balance]) -> bool:
    """Whether there is anything among the balances to pay a bill with, and the member may."""
    has = [row.unit.pk for row in balances if row.spendable and visit.may_spend]
    return bool(has and payment_terms(has, programme_id=visit.member.programme_id))


def payables(shift: Shift, visit: Visit, *, total: int) -> list[Payable]:
    """
    Every unit that pays, as it could pay a bill of `total`; the most is chosen. The member's own come first, then those
    of the household that they may spend.
    """
    own = _payables(shift, balances_of(visit.member.wallet_id, at=shift.at), total, "")
    pool_id = spending_pool(wallet_id=visit.member.wallet_id)
    if pool_id is None:
        return own
    household = Household.objects.get(pool=pool_id)
    together = [row for row in overview_of(household, at=shift.at).balances if row.spendable]
    return own + _payables(shift, together, total, household.name)


def _payables(shift: Shift, balances: Sequence[Balance], total: int, household: str) -> list[Payable]:
    programme = shift.till.programme
    terms = payment_terms([row.unit.pk for row in balances], programme_id=programme.pk)
    money = money_of(programme)
    found = []
    for row in balances:
        if row.unit.pk not in terms:
            continue
        unit, on = row.unit, terms[row.unit.pk]
        limits = bounds(on, spendable=row.spendable, total=total)
        most = split(on, limits, wanted=limits.maximum, total=total)
        plain = [format_minor(amount, decimals=unit.decimals) for amount in (limits.minimum, most.points, on.step)]
        found.append(
            Payable(
                code=unit.code,
                name=unit.name,
                household=household,
                has=amount_of(row.spendable, unit),
                why_not=limits.reason,
                least=plain[0],
                most=plain[1],
                step=plain[2],
                decimals=unit.decimals,
                units=on.units,
                money=on.money,
                chosen=plain[1],
                value=money.show(most.value),
                left=money.show(most.left),
            )
        )
    return found
