"""Values of which answers are made."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

AmountText = Annotated[str, Meta(description="A decimal string.", examples=["12.34"])]
Instant = Annotated[datetime, Meta(tz=True, description="UTC.")]
SafeInteger = Annotated[int, Meta(ge=0, le=2**63 - 1, examples=[117])]


def utc(at: datetime | None) -> datetime | None:
    """The same instant in UTC."""
    return at.astimezone(UTC) if at else None
