"""What a source reports about an event, before it is read by its type."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec


class EventDraft(msgspec.Struct, frozen=True):
    """
    An event as reported: `payload` has money and quantities as decimal strings. `customer_source` empty means
    `customer` is a member number; both empty is a guest. `(source, reference)` is the event's identity.
    """

    type: str
    source: str
    reference: str
    occurred_at: datetime
    payload: Mapping[str, Any] = {}
    customer_source: str = ""
    customer: str = ""
    shop_code: str = ""
