"""Why an order or a return is refused."""

from kernel.errors import DomainError


class OrderContradicted(DomainError):
    """The reference is known with another content; nothing was written. Facts: `source`, `reference`."""

    code = "order_contradicted"


class OrderInvalid(DomainError):
    """
    The order makes no sense. Facts: `pointer` into the order, `problem`, `expected`, `bound` (a number).

    Numbers are minor units, or thousandths of a piece for quantities.
    """

    code = "order_invalid"


class OrderUnknown(DomainError):
    """A return names an order that was never reported. Facts: `source`, `reference`."""

    code = "order_unknown"


class ReturnContradicted(DomainError):
    """The return's reference is known with another content; nothing was written. Facts: `source`, `reference`."""

    code = "return_contradicted"


class ReturnExceedsSale(DomainError):
    """
    More is to come back than was sold. Facts: `line`, `sold`, `returned` so far and `asked`, in thousandths of a
    piece.
    """

    code = "return_exceeds_sale"


class LineUnknown(DomainError):
    """A return names a line the order does not have. Facts: `line`."""

    code = "line_unknown"


class DeliveryContradicted(DomainError):
    """The order was reported as delivered at another time. Facts: `source`, `reference`, `delivered_at` as known."""

    code = "delivery_contradicted"


class DeliveredBeforeOrdered(DomainError):
    """The goods can't have arrived before they were bought. Facts: `placed_at`, `delivered_at`."""

    code = "delivered_before_ordered"
