"""
What the role that serves may do in the books: read them, open them, and call the verbs.

The verbs run with the rights of the books' owner. What they call besides is nobody's to call, and to write to the
books past them nobody has the right. `loyalty_site.privileges` grants it behind every `migrate`.
"""

# Written by verbs alone.
BOOKS = (
    "ledger_posting",
    "ledger_entry",
    "ledger_lot",
    "ledger_lotorigin",
    "ledger_lotuse",
    "ledger_hold",
    "ledger_holdlot",
    "ledger_conversion",
    "ledger_poolmember",
    "ledger_sealing",
    "ledger_seal",
    "ledger_sealpart",
    "ledger_purchase",
    "ledger_paymentnotice",
    "ledger_transfer",
)
# Opened by `services.opening`; a trigger sees to it that accounts are born empty.
OPENED = ("ledger_wallet", "ledger_account")
# Settings: added and changed, never removed.
CONFIGURED = (
    "ledger_unit",
    "ledger_paymentterms",
    "ledger_conversionterms",
    "ledger_purchaseterms",
    "ledger_transferterms",
    "ledger_adjustment",
    "ledger_adjustmentline",
)
# Every function of the books that Python calls.
VERBS = (
    "ledger_accrue",
    "ledger_activate",
    "ledger_adjust",
    "ledger_ask_adjustment",
    "ledger_asked_lately",
    "ledger_bought",
    "ledger_burn",
    "ledger_capture",
    "ledger_claw_back_many",
    "ledger_convert",
    "ledger_convert_all",
    "ledger_convertible",
    "ledger_decay_next",
    "ledger_decay_wallet",
    "ledger_end_offer",
    "ledger_expire",
    "ledger_extend_lots",
    "ledger_given_back",
    "ledger_join_pool",
    "ledger_keep_wallet_alive",
    "ledger_lapse_offers",
    "ledger_leave_pool",
    "ledger_lock_all",
    "ledger_new_posting_ids",
    "ledger_pool_earned",
    "ledger_pool_lot",
    "ledger_refund",
    "ledger_refuse_notice",
    "ledger_release",
    "ledger_request_purchase",
    "ledger_reserve",
    "ledger_reverse",
    "ledger_seal_hash",
    "ledger_seal_parts",
    "ledger_seal_rows",
    "ledger_seal_step",
    "ledger_send",
    "ledger_send_home_next",
    "ledger_settle_next",
    "ledger_tell_payment",
    "ledger_take_offer",
    "ledger_transfer",
    "ledger_transferred",
)
# Called by triggers, which run with the rights of whoever wrote the row.
FOR_TRIGGERS = ("ledger_adjustment_digest", "ledger_digest_of", "ledger_refuse_row")
