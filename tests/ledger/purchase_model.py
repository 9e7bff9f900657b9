"""Buying once more, in plain Python: what `test_purchase_model.py` compares the real thing with."""

from dataclasses import dataclass, field
from datetime import datetime

from tests.ledger import model
from tests.ledger.model import Lot

LIMIT, MOST_WAITING = 300, 5


@dataclass(eq=False)
class Bought:
    """A purchase."""

    amount: int
    until: datetime
    state: str = "REQUESTED"
    lot: Lot | None = None

    def is_waiting(self, at: datetime) -> bool:
        return self.state == "REQUESTED" and at < self.until


@dataclass(eq=False)
class Wallet(model.Wallet):
    """A wallet that can be filled with money."""

    purchases: list[Bought] = field(default_factory=list)
    cleared: int = 0

    def left_to_buy(self) -> int:
        return LIMIT - sum(each.amount for each in self.purchases if each.state in {"AUTHORISED", "CAPTURED"})

    def why_not_ask(self, amount: int, at: datetime) -> str:
        if amount > self.left_to_buy():
            return "purchase_limit_reached"
        return "purchases_waiting" if sum(each.is_waiting(at) for each in self.purchases) >= MOST_WAITING else ""

    def ask(self, amount: int, until: datetime) -> Bought:
        self.purchases.append(Bought(amount, until))
        return self.purchases[-1]

    def why_not(self, bought: Bought, kind: str, at: datetime) -> str:
        is_paid = bought.state in {"CAPTURED", "REFUNDED"}
        is_over = bought.state == "CANCELLED" or (bought.state == "REQUESTED" and at >= bought.until)
        is_too_much = bought.state == "REQUESTED" and bought.amount > self.left_to_buy()
        reasons = {
            "CANCELLED": [(is_paid, "purchase_captured")],
            "REFUNDED": [(not is_paid, "purchase_not_captured")],
            "WITHDRAWN": [(not is_paid, "purchase_not_captured"), (self.has_used(bought, at), "withdrawal_refused")],
        }.get(kind, [(is_over, "purchase_not_open"), (is_too_much, "purchase_limit_reached")])
        return next((code for is_so, code in reasons if is_so), "")

    def has_used(self, bought: Bought, at: datetime) -> bool:
        if bought.state != "CAPTURED" or bought.lot is None:
            return False
        return bought.lot.left < bought.amount or self.kept(bought.lot, at) > 0

    def tell(self, bought: Bought, kind: str, at: datetime) -> bool:
        """What was said is so; whether it was news."""
        before = bought.state
        if kind == "CANCELLED":
            bought.state = "CANCELLED"
        elif kind == "AUTHORISED" and before == "REQUESTED":
            bought.state = "AUTHORISED"
        elif kind == "CAPTURED" and before in {"REQUESTED", "AUTHORISED"}:
            bought.state, bought.lot = "CAPTURED", Lot(bought.amount, at, None)
            self.lots.append(bought.lot)
            self.cleared += bought.amount
            self.settle(at)
        elif kind in {"REFUNDED", "WITHDRAWN"} and before == "CAPTURED" and bought.lot is not None:
            bought.state = "REFUNDED"
            self.claw_back(bought.lot, bought.amount, at)
            self.issued += bought.amount
            self.cleared -= bought.amount
        return bought.state != before
