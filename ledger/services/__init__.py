"""
Every write of the books.

All verbs are keyword-only, take the clock as `at`, run in the caller's transaction and hold the wallet's accounts
locked until it ends. Lock order: wallets' accounts by account id, before anything of the rooms above. Amounts are
minor units of the unit.
"""

from ledger.services.accepting import accept_as_payment
from ledger.services.accruing import Accrual, Accrued, accrue, accruing, new_posting_ids
from ledger.services.adjusting import (
    AdjustmentDraft,
    AdjustmentPart,
    Asked,
    Posted,
    Requester,
    approve_adjustment,
    ask_adjustment,
    limit_adjustments,
    post_adjustment,
    refuse_insufficient,
    reject_adjustment,
    resume_adjustment,
    stop_adjustment,
    withdraw_adjustment,
)
from ledger.services.converting import Converted, convert, convert_next
from ledger.services.decaying import Looked, decay_next, decay_wallet, settle_next
from ledger.services.expiring import expire_lapsed
from ledger.services.holding import Reserved, capture, release, reserve
from ledger.services.living import Activation, activate, keep_alive, keeping_alive
from ledger.services.moving import Moved, move
from ledger.services.opening import describe_unit, open_programme_books, open_unit, open_wallets
from ledger.services.policies import (
    discard_policy_draft,
    extend_lots,
    publish_policy,
    save_policy_draft,
    unfinished_extensions,
)
from ledger.services.pooling import (
    Pooled,
    contribute,
    contribute_earning,
    join_pool,
    leave_pool,
    open_pool,
    pool_earned,
    send_home_next,
)
from ledger.services.purchasing import (
    Notice,
    Requested,
    Told,
    refuse_notice,
    request_purchase,
    set_purchase_terms,
    tell_payment,
)
from ledger.services.refunding import Refunded, lock_wallets, refund, reverse
from ledger.services.returning import ClawBack, ClawedBack, claw_back, claw_back_many
from ledger.services.sealing import SealStep, seal_next
from ledger.services.spending import burn
from ledger.services.terms import NewTerms, add_conversion, change_conversion
from ledger.services.transferring import (
    NewTransfer,
    Sent,
    accept_transfer,
    decline_transfer,
    lapse_transfers,
    offer_transfers,
    send,
    withdraw_transfer,
)

__all__ = [
    "Accrual",
    "Accrued",
    "Activation",
    "AdjustmentDraft",
    "AdjustmentPart",
    "Asked",
    "ClawBack",
    "ClawedBack",
    "Converted",
    "Looked",
    "Moved",
    "NewTerms",
    "NewTransfer",
    "Notice",
    "Pooled",
    "Posted",
    "Refunded",
    "Requested",
    "Requester",
    "Reserved",
    "SealStep",
    "Sent",
    "Told",
    "accept_as_payment",
    "accept_transfer",
    "accrue",
    "accruing",
    "activate",
    "add_conversion",
    "approve_adjustment",
    "ask_adjustment",
    "burn",
    "capture",
    "change_conversion",
    "claw_back",
    "claw_back_many",
    "contribute",
    "contribute_earning",
    "convert",
    "convert_next",
    "decay_next",
    "decay_wallet",
    "decline_transfer",
    "describe_unit",
    "discard_policy_draft",
    "expire_lapsed",
    "extend_lots",
    "join_pool",
    "keep_alive",
    "keeping_alive",
    "lapse_transfers",
    "leave_pool",
    "limit_adjustments",
    "lock_wallets",
    "move",
    "new_posting_ids",
    "offer_transfers",
    "open_pool",
    "open_programme_books",
    "open_unit",
    "open_wallets",
    "pool_earned",
    "post_adjustment",
    "publish_policy",
    "refund",
    "refuse_insufficient",
    "refuse_notice",
    "reject_adjustment",
    "release",
    "request_purchase",
    "reserve",
    "resume_adjustment",
    "reverse",
    "save_policy_draft",
    "seal_next",
    "send",
    "send_home_next",
    "set_purchase_terms",
    "settle_next",
    "stop_adjustment",
    "tell_payment",
    "unfinished_extensions",
    "withdraw_adjustment",
    "withdraw_transfer",
]
