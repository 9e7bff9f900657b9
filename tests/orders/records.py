"""Orders put on record without anything being earned."""

from collections.abc import Sequence

from orders.errors import OrderContradicted, OrderInvalid
from orders.facts import OrderDraft
from orders.services import RegisteredOrder, circumstances_of, register_orders
from roundtrips import ask, settle
from shops.models import Programme


def registered(
    programme: Programme, drafts: Sequence[OrderDraft]
) -> list[RegisteredOrder | OrderInvalid | OrderContradicted]:
    """Answers of `register_orders`, carried out."""
    return settle(
        lambda: register_orders(
            programme=programme,
            drafts=drafts,
            circumstances=ask(circumstances_of(programme=programme, drafts=drafts)),
        )
    )
