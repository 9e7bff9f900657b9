"""
Registering what sources report.

Lock order: references in sorted order, then orders by id, then (in the rooms above) wallets.
"""

from orders.services.importing import (
    ImportedFile,
    RowProblem,
    begin_import,
    checkpoint,
    finish_import,
    forget_import,
    lock_import,
)
from orders.services.registering import RegisteredOrder, register_orders
from orders.services.returning import RegisteredReturn, register_returns

__all__ = [
    "ImportedFile",
    "RegisteredOrder",
    "RegisteredReturn",
    "RowProblem",
    "begin_import",
    "checkpoint",
    "finish_import",
    "forget_import",
    "lock_import",
    "register_orders",
    "register_returns",
]
