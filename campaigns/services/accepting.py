"""An order becomes points: the same road for one and for a thousand."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from campaigns.answers import Accepted, Earned, answers_of
from campaigns.engine import Decision
from campaigns.inforce import UnitTerms, terms_of
from campaigns.services.booking import Booked, book, changes
from campaigns.services.deciding import settling
from campaigns.services.paying import by_terms, capturing, holds_of, payings_of
from campaigns.services.pricing import decide_and_price
from campaigns.services.waves import InWaves, check_at_once, in_waves
from kernel.errors import DomainError
from ledger import services as ledger
from orders import services as orders
from orders.errors import OrderContradicted, OrderInvalid
from orders.facts import OrderDraft
from orders.services import RegisteredOrder
from roundtrips import Change, ask, both, settle
from shops.models import Programme

# Ids are drawn before it is known how many rules will grant something; more are asked for when these don't suffice.
POSTINGS_AN_ORDER = 2


def accept_order(*, programme: Programme, draft: OrderDraft, actor: str, at: datetime | None = None) -> Accepted:
    """
    Put one order on record and its points in the books, in one transaction.

    The same order again is a repeat and gets the first answer. Holds that its tenders name are captured with it; they
    must be open at `at`, without which none may be named.

    :raises OrderInvalid: if the order makes no sense; facts say where and what was expected
    :raises HoldNotOpen: if a hold that it names was captured, released, or its time is over
    :raises OrderContradicted: if its reference is known with another content; nothing was written
    """
    return settle(lambda: plan_order(programme=programme, draft=draft, actor=actor, at=at))


def plan_order(
    *, programme: Programme, draft: OrderDraft, actor: str, at: datetime | None = None
) -> tuple[Accepted, list[Change]]:
    """What `accept_order` would answer now, and the changes that make it true, for those who write more with them."""
    (answer,), planned = plan_orders(programme=programme, drafts=[draft], actor=actor, at=at)
    if isinstance(answer, DomainError):
        raise answer
    return answer, planned


def accept_orders(*, programme: Programme, drafts: Sequence[OrderDraft], actor: str) -> list[Accepted | DomainError]:
    """
    Accept many orders: one round trip for what must be known, one for what is written. An answer or a refusal per
    draft in the given order. Orders of a batch name no holds.

    Where rules ask about members, an order has to see what those before it did: a member's orders are accepted one
    after another then, all in one transaction.
    """
    try:
        return settle(lambda: plan_orders(programme=programme, drafts=drafts, actor=actor))
    except InWaves as several:
        return in_waves(lambda some: accept_orders(programme=programme, drafts=some, actor=actor), drafts, several)


def plan_orders(
    *, programme: Programme, drafts: Sequence[OrderDraft], actor: str, at: datetime | None = None
) -> tuple[list[Accepted | DomainError], list[Change]]:
    """
    What `accept_orders` would answer now, and the changes that make it true, for those who write more with them.

    :raises InWaves: if some of the orders must see what others of them do
    """
    holds = holds_of(programme, drafts, at=at)
    circumstances, (decisive, posting_ids) = ask(
        both(
            orders.circumstances_of(programme=programme, drafts=drafts),
            both(terms_of(programme.pk), ledger.new_posting_ids(len(drafts) * POSTINGS_AN_ORDER)),
        )
    )
    registered = orders.register_orders(
        programme=programme, drafts=drafts, circumstances=circumstances, with_holds=at is not None
    )
    check_at_once(registered, decisive.rules, programme_id=programme.pk)
    payings = payings_of(programme, registered, holds=holds, at=at)
    fresh = [
        by_terms(row, payings[row.order_id]) if row.order_id in payings else row
        for row in registered
        if isinstance(row, RegisteredOrder) and row.fresh
    ]
    decided, unpaid = decide_and_price(programme=programme, rows=fresh, terms=decisive, shops=circumstances)
    accepted, booking = _booked(programme, decided, decisive.units, posting_ids, actor)
    kept = [row for row, _ in decided]
    return (
        _answers([_refusal(row, unpaid) or row for row in registered], accepted),
        [
            *orders.registering(programme.pk, kept, circumstances),
            *capturing(programme, kept, payings, actor=actor),
            *booking,
            *settling(programme=programme, decided=decided, terms=decisive),
        ],
    )


Registered = RegisteredOrder | OrderInvalid | OrderContradicted


def _refusal(row: Registered, unpaid: Mapping[int, OrderInvalid]) -> OrderInvalid | None:
    return unpaid.get(row.order_id) if isinstance(row, RegisteredOrder) else None


def _booked(
    programme: Programme,
    decided: Sequence[tuple[RegisteredOrder, Decision]],
    units: dict[str, UnitTerms],
    posting_ids: Sequence[int],
    actor: str,
) -> tuple[dict[int, Accepted], list[Change]]:
    """What decisions become in the books: the answers by order id, and the changes."""
    missing = sum(len(decision.grants) for _, decision in decided) - len(posting_ids)
    if missing > 0:
        posting_ids = [*posting_ids, *ask(ledger.new_posting_ids(missing))]
    booked, accruals = book(programme=programme, decided=decided, units=units, posting_ids=posting_ids)
    booking = changes(programme=programme, decided=decided, booked=booked, accruals=accruals, units=units, actor=actor)
    return {row.id: _accepted(row, decision, booked.get(row.id, []), units) for row, decision in decided}, booking


def _answers(registered: Sequence[Registered], accepted: dict[int, Accepted]) -> list[Accepted | DomainError]:
    """An answer per draft: repeats get the first one again."""
    repeats = [row.id for row in registered if isinstance(row, RegisteredOrder) and row.id not in accepted]
    known = accepted | answers_of(repeats)
    return [
        msgspec.structs.replace(known[row.id], fresh=row.fresh) if isinstance(row, RegisteredOrder) else row
        for row in registered
    ]


def _accepted(
    row: RegisteredOrder, decision: Decision, booked: Sequence[Booked], units: dict[str, UnitTerms]
) -> Accepted:
    return Accepted(
        order_id=row.order_id,
        source=row.draft.source,
        reference=row.draft.reference,
        fresh=True,
        member_number=row.member.number if row.member else None,
        currency=row.draft.currency,
        earned=tuple(
            Earned(item.grant, item.posting_id, units[item.grant.unit].decimals, item.expires_at) for item in booked
        ),
        decision=decision,
    )
