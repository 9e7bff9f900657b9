"""The whole pieces of lines, by their price, and what each kind of discount takes off them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

import msgspec

from campaigns.definitions.discounts import BuyGet, End, SetPrice
from campaigns.definitions.effects import WHOLE
from kernel.amounts import allocate
from orders.facts import PIECE, Line

Prices = Mapping[int, int]
AT_MOST_TIMES = 1000


class Pieces(msgspec.Struct, frozen=True):
    """`count` pieces of a line that cost `price` together."""

    no: int
    count: int
    price: int

    def of(self, count: int) -> int:
        """What `count` of them cost, rounded down."""
        return self.price * count // self.count


def pieces_of(lines: Iterable[Line], prices: Prices) -> list[Pieces]:
    """The pieces of lines at their prices; what is less than a piece is none."""
    return [
        Pieces(line.no, line.quantity // PIECE, prices[line.no])
        for line in lines
        if line.quantity >= PIECE and prices[line.no] > 0
    ]


def in_order(pieces: Iterable[Pieces], end: End) -> list[Pieces]:
    """By the price of a piece, those of one price in the order of their lines."""
    sign = 1 if end is End.CHEAPEST else -1
    return sorted(pieces, key=lambda some: (sign * Fraction(some.price, some.count), some.no))


def got(effect: BuyGet, bought: Sequence[Pieces], offered: Sequence[Pieces], *, is_one_pool: bool) -> dict[int, int]:
    """What is taken off by line when some pieces make others cheaper."""
    have = sum(some.count for some in bought)
    if not effect.buy:
        times = min(1, have) if effect.times is None else effect.times
    else:
        times = have // (effect.buy + effect.get if is_one_pool else effect.buy)
        times = min(times, AT_MOST_TIMES if effect.times is None else effect.times)
    taken = _first(in_order(offered, effect.which), times * effect.get)
    return {some.no: some.of(count) * effect.percent // WHOLE for some, count in taken}


def set_off(effect: SetPrice, pieces: Sequence[Pieces]) -> dict[int, int]:
    """What is taken off by line when sets of pieces have a price together."""
    most = AT_MOST_TIMES if effect.times is None else effect.times
    sets = min(sum(some.count for some in pieces) // effect.count, most)
    dearest_first = in_order(pieces, End.DEAREST)
    off: dict[int, int] = {}
    for number in range(sets):
        inside = list(_between(dearest_first, number * effect.count, (number + 1) * effect.count))
        prices = [some.of(count) for some, count in inside]
        saved = sum(prices) - effect.price
        if saved <= 0:
            break
        for (some, _), share in zip(inside, allocate(saved, prices), strict=True):
            off[some.no] = off.get(some.no, 0) + share
    return off


def _first(pieces: Sequence[Pieces], count: int) -> Iterator[tuple[Pieces, int]]:
    return _between(pieces, 0, count)


def _between(pieces: Sequence[Pieces], begin: int, end: int) -> Iterator[tuple[Pieces, int]]:
    """The pieces from number `begin` to before number `end`, by what they belong to."""
    at = 0
    for some in pieces:
        inside = min(end, at + some.count) - max(begin, at)
        if inside > 0:
            yield some, inside
        at += some.count
