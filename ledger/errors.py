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


class PurchaseNotOffered(DomainError):
    """Members can't buy this unit. Facts: `unit`, its code."""

    code = "purchase_not_offered"


class PurchaseAmountRefused(DomainError):
    """
    Nobody can buy so much of it at once. Facts: `reason` (`below_minimum`, `off_step`, `above_maximum`), `minimum`,
    `maximum` and `step`, in minor units of the unit.
    """

    code = "purchase_amount_refused"


class PurchaseLimitReached(DomainError):
    """The member would buy more in the calendar year than they may. Facts: `limit` and what is `left` of it."""

    code = "purchase_limit_reached"


class PurchasesWaiting(DomainError):
    """Too many purchases of the member wait for their payment. Facts: `waiting`."""

    code = "purchases_waiting"


class PriceChanged(DomainError):
    """It costs something else than was seen. Facts: `seen` and `total`, in minor units of the currency."""

    code = "price_changed"


class PurchaseUnknown(DomainError):
    """No purchase has this id or payment. Facts: what was asked."""

    code = "purchase_unknown"


class PaymentRefused(DomainError):
    """
    What was said about a payment can't be so; nothing changed. Facts: `purchase`, an id, and its `state`, `LAPSED`
    among others. Its subclasses say why.
    """


class PurchaseNotOpen(PaymentRefused):
    """The purchase was cancelled, or nobody paid in time."""

    code = "purchase_not_open"


class PurchaseCaptured(PaymentRefused):
    """It is paid: it can be refunded, and not cancelled."""

    code = "purchase_captured"


class PurchaseNotCaptured(PaymentRefused):
    """Nothing was paid, so nothing goes back."""

    code = "purchase_not_captured"


class PaymentMismatch(PaymentRefused):
    """
    The money is not that of the purchase. Facts: also `total` and `currency` of the purchase, and `told_amount` and
    `told_currency`.
    """

    code = "payment_mismatch"


class PaymentContradicted(PaymentRefused):
    """The purchase is paid by another payment, or the payment pays for another purchase. Facts: also `payment`."""

    code = "payment_contradicted"


class NoticeReused(PaymentRefused):
    """The name of the notice stands for another one. Facts: also `notice`."""

    code = "notice_reused"


class RefundNotWhole(PaymentRefused):
    """Only stored value goes back in parts. Facts: also `total`."""

    code = "refund_not_whole"


class PurchaseOverLimit(PaymentRefused):
    """By now the member bought as much as they may in the calendar year; `PurchaseLimitReached` for money that came."""

    code = "purchase_limit_reached"


class WithdrawalRefused(PaymentRefused):
    """
    The member can't withdraw. Facts: also `reason`: `no_withdrawal` (the terms know no such right), `withdrawal_over`
    or `withdrawal_used` (some of it was spent, reserved or offset against arrears).
    """

    code = "withdrawal_refused"


class TransferNotOffered(DomainError):
    """Members may not send each other this unit. Facts: `unit`, its code."""

    code = "transfer_not_offered"


class TransferAmountRefused(DomainError):
    """
    One transfer may not be of this amount. Facts: `amount`, `minimum`, `maximum` (None: no limit) and `step`, in minor
    units; `unit`, its code.
    """

    code = "transfer_amount_refused"


class TransferFeeChanged(DomainError):
    """The transfer costs something else than its sender was told. Facts: `told` and `fee`, in minor units."""

    code = "transfer_fee_changed"


class TransferLimitReached(DomainError):
    """
    A limit would be exceeded. Facts: `limit` (`sent_this_month`, `made_today` or `received_this_month`), `at_most`,
    what is `used` and `left` of it, and what was `asked`: minor units, or for `made_today` transfers.
    """

    code = "transfer_limit_reached"


class TransferNotOpen(DomainError):
    """The offer has ended. Facts: `transfer`, its `state` (LAPSED among others) and `ended_at`."""

    code = "transfer_not_open"


class NotOfPool(DomainError):
    """Only those who fill a pool give to it. Facts: `pool` and `wallet`, ids."""

    code = "not_of_pool"
