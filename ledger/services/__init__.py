"""
Every write of the books.

All verbs are keyword-only, take the clock as `at`, run in the caller's transaction and hold the wallet's accounts
locked until it ends. Lock order: wallets' accounts by account id, before anything of the rooms above. Amounts are
minor units of the unit.
"""

from ledger.services.accruing import Accrual, Accrued, accrue, accruing, new_posting_ids
from ledger.services.expiring import expire_lapsed
from ledger.services.holding import Reserved, capture, release, reserve
from ledger.services.opening import open_programme_books, open_unit, open_wallets
from ledger.services.returning import ClawBack, ClawedBack, claw_back, claw_back_many, reverse
from ledger.services.sealing import SealStep, seal_next
from ledger.services.spending import burn

__all__ = [
    "Accrual",
    "Accrued",
    "ClawBack",
    "ClawedBack",
    "Reserved",
    "SealStep",
    "accrue",
    "accruing",
    "burn",
    "capture",
    "claw_back",
    "claw_back_many",
    "expire_lapsed",
    "new_posting_ids",
    "open_programme_books",
    "open_unit",
    "open_wallets",
    "release",
    "reserve",
    "reverse",
    "seal_next",
]
