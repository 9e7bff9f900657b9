"""Why the books refuse."""

from kernel.errors import DomainError


class InsufficientPoints(DomainError):
    """The wallet can't pay. Facts: `required` and `spendable`, in minor units."""

    code = "insufficient_points"


class HoldNotOpen(DomainError):
    """
    The reservation was captured, released, or its time is over. Facts: `hold`, its `state` (CAPTURED or RELEASED) and
    `closed_at`.
    """

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


class PolicyInvalid(DomainError):
    """No earning could follow this policy. Facts: `pointer` into it, `problem`, `expected`."""

    code = "policy_invalid"


class PolicyChanged(DomainError):
    """Somebody else edited, published or discarded the draft since it was read. Facts: `unit`, `edited_by`."""

    code = "policy_changed"


class PolicyBegunAlready(DomainError):
    """A policy can't change what was earned under another. Facts: `effective_from` and the `earliest` possible."""

    code = "policy_begun_already"


class NothingToPublish(DomainError):
    """The unit has no draft. Facts: `unit`."""

    code = "nothing_to_publish"


class ConversionNotOffered(DomainError):
    """Members may not convert this themselves. Facts: `conversion`."""

    code = "conversion_not_offered"


class RefundAboveSpent(DomainError):
    """More was to be given back than is left of a spending. Facts: `left` and `amount`."""

    code = "refund_above_spent"
