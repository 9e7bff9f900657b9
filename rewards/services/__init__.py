"""
Every write about rewards.

A redemption is a reward, or a part of the bill, for points. It is reserved at a till, waits for the customer's yes, and
is captured, cancelled, or over by itself after `WAITS`. Lock order, everywhere: the wallet's accounts, then redemptions
by id, then rewards (their stock) by id.
Staff can reserve, cancel and undo; only the customer can spend.
"""

from rewards.services.closing import cancel, decline, give_back_lapsed, undo
from rewards.services.confirming import NUMBER_TRIES, confirm, confirm_by_number
from rewards.services.paying import Bill, reserve_payment
from rewards.services.reserving import reserve
from rewards.services.serving import WAITS

__all__ = [
    "NUMBER_TRIES",
    "WAITS",
    "Bill",
    "cancel",
    "confirm",
    "confirm_by_number",
    "decline",
    "give_back_lapsed",
    "reserve",
    "reserve_payment",
    "undo",
]
