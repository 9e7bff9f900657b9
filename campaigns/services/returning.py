"""
Goods come back: what they earned goes back, and so does what paid for them.

A return recomputes what the rest of the basket would have earned under the versions that decided the sale, and takes
back the difference to what is still granted. The result depends only on what came back in total, so ten small
returns take back exactly what one big return does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from django.db import IntegrityError, connection, transaction

from campaigns.counters import Key, giving_back
from campaigns.inforce import Timetable, terms
from campaigns.sales import Sale, sales_of
from campaigns.services.booking import recording
from campaigns.services.repaying import PaidBack, facts_of, give_back
from campaigns.unwinding import rest_of, seats_of
from events import outbox
from kernel.amounts import format_minor
from kernel.errors import DomainError
from ledger import services as ledger
from orders import services as orders
from orders.facts import ReturnDraft
from orders.services import RegisteredReturn
from roundtrips import carry_out
from shops.models import Programme


class TakenBack(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What a return took back of one award, in the unit's minor units.

    `amount` = `taken` from the wallet + `lapsed` (expired unspent before) + `owed` (now arrears).
    """

    order_id: int
    award_id: int
    posting_id: int
    unit: str
    unit_decimals: int
    amount: int
    taken: int = 0
    lapsed: int = 0
    owed: int = 0


class AcceptedReturn(msgspec.Struct, frozen=True):
    """
    What became of a return: what it had earned is taken back, what had paid for it is given back. `fresh` is false for
    a repeat.
    """

    registered: RegisteredReturn
    fresh: bool
    taken_back: tuple[TakenBack, ...]
    paid_back: tuple[PaidBack, ...]


class _Outcome(msgspec.Struct, frozen=True):
    """What is kept of the answer to a return."""

    taken_back: tuple[TakenBack, ...] = ()
    paid_back: tuple[PaidBack, ...] = ()


_decode_outcome = msgspec.json.Decoder(_Outcome).decode


class _Claim(msgspec.Struct, frozen=True):
    registered: RegisteredReturn
    sale: Sale
    award_index: int
    amount: int


def accept_return(*, programme: Programme, draft: ReturnDraft, actor: str) -> AcceptedReturn:
    """
    Put one return on record and take back what it had earned, in one transaction.

    :raises ReturnContradicted: if its reference is known with another content
    :raises OrderUnknown: if it names an order that was never reported
    :raises LineUnknown: if it names a line the order does not have
    :raises ReturnExceedsSale: if more is to come back than was sold and not returned yet
    """
    try:
        (answer,) = accept_returns(programme=programme, drafts=[draft], actor=actor)
    except IntegrityError:
        # The same return arrived twice at once and the other won: this one is the repeat.
        (answer,) = accept_returns(programme=programme, drafts=[draft], actor=actor)
    if isinstance(answer, DomainError):
        raise answer
    return answer


@transaction.atomic
def accept_returns(
    *, programme: Programme, drafts: Sequence[ReturnDraft], actor: str
) -> list[AcceptedReturn | DomainError]:
    """Accept many returns in the given order; an answer or a refusal per draft."""
    registered = orders.register_returns(programme=programme, drafts=drafts)
    fresh = [row for row in registered if isinstance(row, RegisteredReturn) and row.fresh]
    sales = sales_of({order_id for row in fresh for order_id in row.returned})
    rules = terms(programme.pk).rules
    claims = [claim for row in fresh for claim in _claims(row, sales, rules)]
    if any(sale.paid for sale in sales.values()):
        ledger.lock_wallets(sale.wallet_id for sale in sales.values())
    back = give_back(programme=programme, fresh=fresh, sales=sales, actor=actor)
    taken = _take_back(claims, actor)
    _record(programme, fresh, taken, back, sales)
    carry_out(giving_back(programme.pk, _room_made(fresh, sales, rules)))
    earlier = _earlier([row.return_id for row in registered if isinstance(row, RegisteredReturn) and not row.fresh])
    return [
        AcceptedReturn(row, row.fresh, taken[row.return_id], back[row.return_id])
        if isinstance(row, RegisteredReturn) and row.fresh
        else AcceptedReturn(row, row.fresh, *earlier[row.return_id])
        if isinstance(row, RegisteredReturn)
        else row
        for row in registered
    ]


def _claims(row: RegisteredReturn, sales: dict[int, Sale], rules: Timetable) -> Iterator[_Claim]:
    for order_id, returned in sorted(row.returned.items()):
        sale = sales[order_id]
        if not sale.awards:
            continue
        still = rest_of(sale, returned, rules).units
        seats = seats_of(rules.of(sale.versions))
        for index, award in enumerate(sale.awards):
            excess = award.standing - still.get(seats[award.version_id, award.rule], 0)
            if excess > 0:
                award.standing -= excess
                yield _Claim(row, sale, index, excess)


def _room_made(fresh: Sequence[RegisteredReturn], sales: dict[int, Sale], rules: Timetable) -> Counter[Key]:
    """What of counters was used before the returns and is not any more."""
    found: Counter[Key] = Counter()
    for row in fresh:
        for order_id, returned in row.returned.items():
            if sales[order_id].uses:
                before = dict(returned)
                for part in row.parts:
                    if part.order_id == order_id:
                        before[part.line_no] -= part.quantity
                found.update(rest_of(sales[order_id], before, rules).uses)
                found.subtract(rest_of(sales[order_id], returned, rules).uses)
    return found


def _take_back(claims: Sequence[_Claim], actor: str) -> dict[int, tuple[TakenBack, ...]]:
    found: dict[int, list[TakenBack]] = defaultdict(list)
    answers = ledger.claw_back_many(
        claims=[
            ledger.ClawBack(
                origin_posting_id=claim.sale.awards[claim.award_index].posting_id,
                wallet_id=claim.sale.wallet_id,
                amount=claim.amount,
                source="return",
                reference=f"{claim.registered.return_id}:{claim.sale.awards[claim.award_index].id}",
                at=claim.registered.draft.returned_at,
            )
            for claim in claims
        ],
        actor=actor,
    )
    for claim, answer in zip(claims, answers, strict=True):
        award = claim.sale.awards[claim.award_index]
        found[claim.registered.return_id].append(
            TakenBack(
                claim.sale.order_id,
                award.id,
                answer.posting_id,
                award.unit,
                award.unit_decimals,
                claim.amount,
                answer.taken,
                answer.lapsed,
                answer.owed,
            )
        )
    return defaultdict(tuple, {return_id: tuple(items) for return_id, items in found.items()})


def _record(
    programme: Programme,
    fresh: Sequence[RegisteredReturn],
    taken: dict[int, tuple[TakenBack, ...]],
    back: dict[int, tuple[PaidBack, ...]],
    sales: dict[int, Sale],
) -> None:
    if not fresh:
        return
    decisions = [
        {
            "order_return_id": row.return_id,
            "outcome": _Outcome(taken[row.return_id], back[row.return_id]),
        }
        for row in fresh
    ]
    facts = [fact for row in fresh for fact in _facts(programme.pk, row, taken[row.return_id], sales)]
    facts += [fact for row in fresh for fact in facts_of(programme.pk, row, back[row.return_id], sales)]
    carry_out([recording(programme.pk, decisions), outbox.recording(facts)])


def _facts(
    programme_id: int, row: RegisteredReturn, taken: Sequence[TakenBack], sales: dict[int, Sale]
) -> Iterator[outbox.Fact]:
    at = row.draft.returned_at
    about = {"id": row.return_id, "source": row.draft.source, "reference": row.draft.reference}
    yield outbox.Fact(programme_id, "return.accepted", {"return": about, "member": row.member_number}, at)
    for item in taken:
        sale = sales[item.order_id]
        payload: dict[str, Any] = {
            "member": row.member_number,
            "return": about,
            "order": {"id": sale.order_id, "source": sale.source, "reference": sale.reference},
            "posting": item.posting_id,
            "unit": item.unit,
            "amount": format_minor(item.amount, decimals=item.unit_decimals),
        }
        yield outbox.Fact(programme_id, "points.clawed_back", payload, at)


def _earlier(return_ids: Sequence[int]) -> dict[int, tuple[tuple[TakenBack, ...], tuple[PaidBack, ...]]]:
    if not return_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT order_return_id, outcome::text FROM campaigns_decision WHERE order_return_id = ANY(%s)",
            [list(return_ids)],
        )
        outcomes = {return_id: _decode_outcome(outcome) for return_id, outcome in cursor.fetchall()}
    return {return_id: (outcome.taken_back, outcome.paid_back) for return_id, outcome in outcomes.items()}
