"""A small vocabulary of these tests' own, so that they know no other room."""

from typing import NamedTuple

from conditions.vocabulary import Field, FieldType, Vocabulary


class Basket(NamedTuple):
    total: int | None = None
    pieces: int | None = None
    channel: str | None = None


TOTAL = Field("basket.total", FieldType.MONEY, "the total", lambda basket: basket.total)
BASKET = Vocabulary("basket")
BASKET.declare(TOTAL)
BASKET.declare(Field("basket.pieces", FieldType.NUMBER, "the pieces", lambda basket: basket.pieces))
BASKET.declare(Field("basket.channel", FieldType.TEXT, "the channel", lambda basket: basket.channel))
