"""What happens elsewhere becomes webhook deliveries, in the relay's transaction."""

from collections.abc import Sequence
from datetime import datetime

from events.models import OutboxEvent
from integrations.services.deliveries import write_deliveries


def on_events(events: Sequence[OutboxEvent], at: datetime) -> None:
    """Write the deliveries of a batch."""
    write_deliveries(events=events, at=at)
