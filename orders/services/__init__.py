"""
Registering what sources report.

Lock order: references in sorted order, then orders by id, then (in the rooms above) wallets.
"""

from orders.services.delivering import RegisteredDelivery, register_delivery
from orders.services.importing import (
    ImportedFile,
    RowProblem,
    begin_import,
    checkpoint,
    finish_import,
    forget_import,
    lock_import,
)
from orders.services.registering import Circumstances, RegisteredOrder, circumstances_of, register_orders, registering
from orders.services.returning import RegisteredReturn, register_returns

__all__ = [
    "Circumstances",
    "ImportedFile",
    "RegisteredDelivery",
    "RegisteredOrder",
    "RegisteredReturn",
    "RowProblem",
    "begin_import",
    "checkpoint",
    "circumstances_of",
    "finish_import",
    "forget_import",
    "lock_import",
    "register_delivery",
    "register_orders",
    "register_returns",
    "registering",
]
