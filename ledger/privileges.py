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
    "ledger_lotuse",
    "ledger_hold",
    "ledger_holdlot",
    "ledger_sealing",
    "ledger_seal",
    "ledger_sealpart",
)
# Opened by `services.opening`; a trigger sees to it that accounts are born empty.
OPENED = ("ledger_wallet", "ledger_account")
# Settings: added and changed, never removed.
CONFIGURED = ("ledger_unit",)
# Every function of the books that Python calls.
VERBS = (
    "ledger_accrue",
    "ledger_burn",
    "ledger_capture",
    "ledger_claw_back",
    "ledger_expire",
    "ledger_new_posting_ids",
    "ledger_release",
    "ledger_reserve",
    "ledger_reverse",
    "ledger_seal_hash",
    "ledger_seal_parts",
    "ledger_seal_rows",
    "ledger_seal_step",
)
# Called by triggers, which run with the rights of whoever wrote the row.
FOR_TRIGGERS = ("ledger_refuse_row",)
