"""An order becomes points: the same road for one and for a thousand."""

from collections.abc import Sequence

import msgspec
from django.db import transaction

from campaigns.answers import Accepted, Earned, answers_of
from campaigns.engine import Decision, Rejection, decide
from campaigns.inforce import Timetable, UnitTerms, terms
from campaigns.services.booking import Booked, book, record
from kernel.errors import DomainError
from orders import services as orders
from orders.facts import OrderDraft
from orders.services import RegisteredOrder
from shops.models import Programme


def accept_order(*, programme: Programme, draft: OrderDraft, actor: str) -> Accepted:
    """
    Put one order on record and its points in the books, in one transaction.

    The same order again is a repeat and gets the first answer.

    :raises OrderInvalid: if the order makes no sense; facts say where and what was expected
    :raises OrderContradicted: if its reference is known with another content; nothing was written
    """
    (answer,) = accept_orders(programme=programme, drafts=[draft], actor=actor)
    if isinstance(answer, DomainError):
        raise answer
    return answer


# Refusals are answers and nothing is caught here, so an inner savepoint would never be gone back to.
@transaction.atomic(savepoint=False)
def accept_orders(*, programme: Programme, drafts: Sequence[OrderDraft], actor: str) -> list[Accepted | DomainError]:
    """Accept many orders by set-based statements; an answer or a refusal per draft in the given order."""
    registered = orders.register_orders(programme=programme, drafts=drafts)
    decisive = terms(programme.pk)
    units = decisive.units
    decided = [
        (row, _decide(row, decisive.rules)) for row in registered if isinstance(row, RegisteredOrder) and row.fresh
    ]
    booked = book(programme=programme, decided=decided, units=units, actor=actor)
    record(programme=programme, decided=decided, booked=booked, units=units)
    answers = {row.order_id: _accepted(row, decision, booked.get(row.order_id, []), units) for row, decision in decided}
    repeats = [row.order_id for row in registered if isinstance(row, RegisteredOrder) and row.order_id not in answers]
    answers |= answers_of(repeats)
    return [_answer(row, answers) if isinstance(row, RegisteredOrder) else row for row in registered]


def _answer(row: RegisteredOrder, answers: dict[int, Accepted]) -> Accepted:
    return msgspec.structs.replace(answers[row.order_id], fresh=row.fresh)


def _decide(row: RegisteredOrder, rules: Timetable) -> Decision:
    if row.member is None:
        return Decision(rejections=(Rejection("no_member"),))
    if not row.member.is_active:
        return Decision(rejections=(Rejection("member_blocked"),))
    return decide(row.purchase, rules.at(row.purchase.placed_at))


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
