"""
What one transfer may be and costs: pure arithmetic on integers, in minor units of the unit.

The fee is taken beside the amount and its part per mille is rounded up: to split a transfer never makes it cheaper.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.periods import end_of_day, local_day


@dataclass(frozen=True, slots=True)
class TransferRules:
    """The terms of a unit as `ledger.models.TransferTerms` keeps them."""

    minimum: int = 1
    maximum: int | None = None
    step: int = 1
    sent_monthly: int | None = None
    made_daily: int | None = None
    received_monthly: int | None = None
    fee_fixed: int = 0
    fee_permille: int = 0
    needs_acceptance: bool = True
    days_to_accept: int = 7

    @property
    def least(self) -> int:
        """The smallest amount in whole steps that may be sent."""
        return -(-self.minimum // self.step) * self.step

    def fits(self, amount: int) -> bool:
        """Whether one transfer may be of this amount, whatever the member has and sent before."""
        return amount >= self.least and amount % self.step == 0 and (self.maximum is None or amount <= self.maximum)

    def fee(self, amount: int) -> int:
        """What sending `amount` costs beside it."""
        return self.fee_fixed - (-amount * self.fee_permille // 1000)

    def open_until(self, at: datetime, zone: ZoneInfo) -> datetime:
        """When the time of the receiver of an offer made at `at` is over: the end of a local day."""
        return end_of_day(local_day(at, zone) + timedelta(days=self.days_to_accept), zone)

    def most(self, *, spendable: int, left: int | None) -> int:
        """
        The largest amount that `spendable` pays with its fee, of which no more than `left` may be sent (None: no
        limit); 0 if that is not enough for the least.
        """
        payable = (spendable - self.fee_fixed) * 1000 // (1000 + self.fee_permille)
        most = min(bound for bound in (payable, left, self.maximum) if bound is not None)
        whole = most // self.step * self.step
        return whole if whole >= self.least else 0
