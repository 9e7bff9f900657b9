"""Values of which answers are made."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from kernel.amounts import format_minor
from orders.facts import PIECE

AmountText = Annotated[str, Meta(description="A decimal string.", examples=["12.34"])]


SafeInteger = Annotated[int, Meta(ge=0, le=2**63 - 1, examples=[117])]


def quantity_text(thousandths: int) -> str:
    """1000 is "1", 750 is "0.75"."""
    text = format_minor(thousandths, decimals=len(str(PIECE)) - 1)
    return text.rstrip("0").rstrip(".")


def utc(at: datetime | None) -> datetime | None:
    """The same instant in UTC."""
    return at.astimezone(UTC) if at else None
