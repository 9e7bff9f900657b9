"""Why the books refuse."""

from kernel.errors import DomainError


class InsufficientPoints(DomainError):
    """The wallet can't pay. Facts: `required` and `spendable`, in minor units."""

    code = "insufficient_points"


class HoldNotOpen(DomainError):
    """The reservation was captured, released, or its time is over. Facts: `hold`."""

    code = "hold_not_open"


class ReferenceReused(DomainError):
    """The reference already stands for something else; nothing was written. Facts: `reference`."""

    code = "reference_reused"


class AmountNotPositive(DomainError):
    """An amount to move must be one minor unit or more. Facts: `amount`."""

    code = "amount_not_positive"


class AmountAboveHold(DomainError):
    """More was to be captured than reserved. Facts: `reserved` and `amount`."""

    code = "amount_above_hold"
