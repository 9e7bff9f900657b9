"""What a decision takes: few rules and many, small baskets and large ones. No database."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bench.measuring import Benchmark
from campaigns.definitions import Definition, Fixed, PerMoney, PerQuantity, Rule, Words, check
from campaigns.engine import InForce, decide
from campaigns.inforce import compiled
from conditions.situation import Situation
from orders.facts import PIECE, Line, Purchase

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECONDS = 1.0


def benchmarks() -> list[Benchmark]:
    """Decisions a second, beside those by two rules about three lines."""
    two, twenty = _deciding(2, 3), _deciding(20, 3)
    return [
        _benchmark("engine.decide_20", twenty, two, "two rules", 0.125),
        _benchmark("engine.decide_200", _deciding(200, 3), two, "two rules", 0.125),
        # Not worse than in proportion to the lines.
        _benchmark("engine.decide_20_lines_50", _deciding(20, 50), twenty, "twenty rules, three lines", 3 / 50),
    ]


def _benchmark(
    name: str, measure: Callable[[], float], baseline: Callable[[], float], beside: str, target: float
) -> Benchmark:
    return Benchmark(name, "decisions/s", beside, "higher", target, int(SECONDS), measure, baseline)


def _deciding(rules: int, lines: int) -> Callable[[], float]:
    in_force = InForce(tuple(compiled(_definition(rules), words=Words(), campaign="bench")))
    asked = Situation(_basket(lines), NOON)

    def rate() -> float:
        begin, count = time.perf_counter(), 0
        while time.perf_counter() - begin < SECONDS:
            decide(asked, in_force)
            count += 1
        return count / (time.perf_counter() - begin)

    return rate


def _definition(count: int) -> Definition:
    """A standing rule, one for large baskets, and campaigns for single articles, channels, shops and categories."""
    standing = (
        Rule(key="standing", effect=PerMoney(1, 100)),
        Rule(key="large", effect=Fixed(50), when=_test("order.total", "gte", 5000)),
    )
    definition = Definition(rules=(*standing, *(_special(number) for number in range(count - len(standing)))))
    check(definition)
    return definition


def _special(number: int) -> Rule:
    whens: list[dict[str, Any]] = [
        {"of": "order.lines", "which": "any", "where": _test("line.sku", "eq", f"S{number}")},
        _test("order.channel", "eq", f"channel{number}"),
        {"all": [_test("order.shop", "eq", f"shop{number}"), _test("order.total", "gte", 1000)]},
        {"of": "order.lines", "which": "any", "where": _test("line.categories", "has_any", [f"c{number}"])},
    ]
    kind = number % len(whens)
    effect = PerQuantity(5, lines=_test("line.sku", "eq", f"S{number}")) if kind == 0 else Fixed(10)
    return Rule(key=f"special{number}", effect=effect, when=whens[kind])


def _test(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def _basket(count: int) -> Purchase:
    lines = tuple(Line(no=no, sku=f"S{4 * no}", quantity=PIECE, amount=1000 + no) for no in range(1, count + 1))
    return Purchase(placed_at=NOON, currency="EUR", lines=lines, channel="web")
