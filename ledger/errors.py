"""Why the books refuse."""

from kernel.errors import DomainError


class InsufficientPoints(DomainError):
    """The wallet can't pay. Facts: `required` and `spendable`, in minor units; `wallet_id` where there are several."""

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


class AdjustmentIncomplete(DomainError):
    """A request for an adjustment moves nothing, or does not say what the member reads."""

    code = "adjustment_incomplete"


class AdjustmentLimitReached(DomainError):
    """
    Who asks would exceed what one person may ask for within 24 hours. Facts: `limit`, `used` of it, and `asked`, in
    minor units.
    """

    code = "adjustment_limit_reached"


class AdjustmentLineOverdue(DomainError):
    """What would be added has expired already. Facts: `wallet_id` and `expires_at`."""

    code = "adjustment_line_overdue"


class AdjustmentNotOpen(DomainError):
    """The request was decided before, or its time is over. Facts: `adjustment` and `state`, `LAPSED` among others."""

    code = "adjustment_not_open"


class AdjustmentPayloadChanged(DomainError):
    """What was looked at is not what would be approved. Facts: `adjustment`."""

    code = "adjustment_payload_changed"


class AdjustmentTakesTwo(DomainError):
    """Nobody decides on their own request. Facts: `adjustment`."""

    code = "adjustment_takes_two"


class AdjustmentApproverIsNew(DomainError):
    """Who asked made the approver one, less than 24 hours ago. Facts: `adjustment`."""

    code = "adjustment_approver_is_new"


class AdjustmentNotYours(DomainError):
    """Only who asked withdraws. Facts: `adjustment`."""

    code = "adjustment_not_yours"


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


class WalletsNotApart(DomainError):
    """Nobody gives points to himself. Facts: `wallet_id`."""

    code = "wallets_not_apart"


class UnitNotMovable(DomainError):
    """Amounts of this unit stay with who earned them. Facts: `unit`, its code."""

    code = "unit_not_movable"


class NotOfPool(DomainError):
    """Only those who fill a pool give to it. Facts: `pool` and `wallet`, ids."""

    code = "not_of_pool"
