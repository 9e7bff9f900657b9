"""What a rule is asked about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

ZONE = "clock.zone"


class Situation(msgspec.Struct, frozen=True):
    """
    `subject` is what happened at `at`: a purchase, an event, or nothing but the moment. `known` is all else that the
    rules asked for, by name: it is kept with the decision, so that a later look finds the world as it was.
    """

    subject: Any
    at: datetime
    known: Mapping[str, Any] = {}

    @property
    def local(self) -> datetime:
        """The time on the shop's clock."""
        return self.at.astimezone(ZoneInfo(self.known[ZONE]))
