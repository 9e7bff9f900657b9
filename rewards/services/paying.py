"""Points for a part of the bill at a till, for a customer who is to say yes."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ledger.checkout import payment_terms
from ledger.paying import objection, value_of
from members.models import Visit
from members.visits import Till
from rewards.errors import KeyReused, PaymentNotOffered
from rewards.models import Redemption
from rewards.services import facts, stock
from rewards.services.serving import (
    WAITS,
    hold_for,
    redemption_by,
    require_nothing_waiting,
    scoped,
    spending_visit,
)


@dataclass(frozen=True, slots=True)
class Bill:
    """
    A bill of `total`, minor units of the programme's currency, and the `points` of a unit that pay a part of it, the
    customer's own or their household's.
    """

    total: int
    unit_id: int
    points: int
    from_household: bool = False


@transaction.atomic
def reserve_payment(*, visit_id: int, bill: Bill, till: Till, key: str, at: datetime) -> Redemption:
    """
    Hold the points for `WAITS`; spent is nothing until the customer says yes, as for a reward.

    Asking again with the same `key` at the same till returns the first one, whatever became of it.

    :raises VisitClosed: if the visit is over or another till's
    :raises CardNotShown: if the member was identified by a typed number
    :raises MemberBlocked: if the member was blocked meanwhile
    :raises NumberTriesUsedUp: if too many wrong numbers were typed in this visit
    :raises PaymentNotOffered: if the unit pays no bill, or not so much of this one
    :raises HouseholdRefused: by its subclasses, if there is no household whose points they may spend
    :raises NotEnough: if the wallet can't pay
    :raises AnotherWaiting: if the member is asked about something else
    :raises KeyReused: if the key stands for something else
    """
    scoped_key = scoped(key, till, from_household=bill.from_household)
    earlier = redemption_by(scoped_key, till)
    if earlier is not None:
        return _same(earlier, visit_id, bill)
    visit = spending_visit(visit_id, till, at)
    value = _value(visit, bill)
    hold = hold_for(
        visit,
        unit_id=bill.unit_id,
        amount=bill.points,
        scoped_key=scoped_key,
        at=at,
        from_household=bill.from_household,
    )
    if not hold.fresh:
        # Another connection did the same meanwhile; the wallet's lock made this one wait for its end.
        return _same(redemption_by(scoped_key, till), visit_id, bill)
    mine = Redemption.objects.select_for_update(no_key=True, of=("self",)).filter(member=visit.member)
    lapsed = stock.close_lapsed(mine, at=at)
    require_nothing_waiting(visit)
    Redemption.objects.create(
        programme_id=till.programme.pk,
        member=visit.member,
        unit_id=bill.unit_id,
        price=bill.points,
        value=value,
        key=scoped_key,
        shop=till.shop,
        device=till.device,
        staff=till.staff,
        visit=visit,
        hold_id=hold.hold_id,
        reserved_at=at,
        expires_at=at + WAITS,
    )
    stock.put_back(stock.pieces_of(lapsed))
    redemption = _same(redemption_by(scoped_key, till), visit_id, bill)
    facts.record("reward.reserved", [redemption], at=at)
    return redemption


def _same(earlier: Redemption | None, visit_id: int, bill: Bill) -> Redemption:
    if earlier is None or (earlier.visit_id, earlier.unit_id, earlier.price) != (visit_id, bill.unit_id, bill.points):
        raise KeyReused(key=earlier and earlier.key)
    return earlier


def _value(visit: Visit, bill: Bill) -> int:
    terms = payment_terms([bill.unit_id], programme_id=visit.member.programme_id).get(bill.unit_id)
    reason = objection(terms, bill.points, total=bill.total) if terms else "not_a_means_of_payment"
    if terms is None or reason:
        raise PaymentNotOffered(reason=reason)
    return value_of(bill.points, terms)
