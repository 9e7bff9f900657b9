"""A small vocabulary of these tests' own, so that they know no other room."""

from typing import NamedTuple

from conditions.vocabulary import Collection, Field, FieldType, Vocabulary


class Thing(NamedTuple):
    sku: str | None = None
    price: int | None = None
    pieces: int | None = None
    labels: tuple[str, ...] = ()


class Basket(NamedTuple):
    total: int | None = None
    pieces: int | None = None
    channel: str | None = None
    things: tuple[Thing, ...] = ()


TOTAL = Field("basket.total", FieldType.MONEY, "the total", lambda basket: basket.total)
PIECES = Field("thing.pieces", FieldType.QUANTITY, "the pieces", lambda thing: thing.pieces)
SKU = Field("thing.sku", FieldType.TEXT, "the article", lambda thing: thing.sku)
THING = Vocabulary("thing")
THING.declare(SKU)
THING.declare(PIECES)
THING.declare(Field("thing.price", FieldType.MONEY, "the price", lambda thing: thing.price))
THING.declare(Field("thing.labels", FieldType.TEXTS, "the labels", lambda thing: thing.labels))
THINGS = Collection(
    "basket.things", "thing", "things", THING, lambda basket: basket.things, price=lambda thing: thing.price
)
BASKET = Vocabulary("basket")
BASKET.declare(TOTAL)
BASKET.declare(Field("basket.pieces", FieldType.NUMBER, "the pieces", lambda basket: basket.pieces))
BASKET.declare(Field("basket.channel", FieldType.TEXT, "the channel", lambda basket: basket.channel))
BASKET.declare(THINGS)
