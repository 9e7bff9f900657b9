"""Orders put on record without anything being earned."""

from collections.abc import Sequence

from orders.errors import OrderContradicted, OrderInvalid
from orders.facts import OrderDraft
from orders.services import RegisteredOrder, circumstances_of, register_orders, registering
from roundtrips import Change, ask, settle
from shops.models import Programme


def registered(
    programme: Programme, drafts: Sequence[OrderDraft]
) -> list[RegisteredOrder | OrderInvalid | OrderContradicted]:
    """Answers of `register_orders`, carried out."""

    def plan() -> tuple[list[RegisteredOrder | OrderInvalid | OrderContradicted], list[Change]]:
        around = ask(circumstances_of(programme=programme, drafts=drafts))
        answers = register_orders(programme=programme, drafts=drafts, circumstances=around)
        fresh = [row for row in answers if isinstance(row, RegisteredOrder) and row.fresh]
        return answers, registering(programme.pk, fresh, around)

    return settle(plan)
