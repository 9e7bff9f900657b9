"""What of a sale still stands when goods came back: decided anew for the rest, by what was known at the sale."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import msgspec

from campaigns.counters import Key
from campaigns.definitions import Count
from campaigns.engine import Decision, RuleInForce, Use, decide
from campaigns.inforce import Timetable
from campaigns.sales import Sale
from conditions.situation import Situation
from orders.allocation import GOODS, without_returned
from orders.facts import Line, Purchase

Seat = tuple[int, str, str]


class Rest(msgspec.Struct, frozen=True):
    """
    What stands of a sale: units by the seat of the rules that give them, and what is used of counters that are given
    back.
    """

    units: Mapping[Seat, int]
    uses: Mapping[Key, int]


def rest_of(sale: Sale, returned: Mapping[int, int], timetable: Timetable) -> Rest:
    """What stands when `returned` thousandths by line number came back in total."""
    purchase = without_returned(sale.purchase, returned)
    asked = timetable.of(sale.versions)
    left = decide(Situation(purchase, purchase.placed_at, sale.known), asked)
    seats = seats_of(asked)
    units: dict[Seat, int] = defaultdict(int)
    for grant in left.grants:
        units[seats[grant.version_id, grant.rule]] += grant.granted
    return Rest(units, _uses(sale, purchase, left))


def seats_of(entries: list[RuleInForce]) -> dict[tuple[int, str], Seat]:
    """
    What an award is compared with after a return, by version and rule. Rules that exclude each other share a seat: for
    the rest of a basket another one of them may give most, and the customer keeps what that gives.
    """
    return {
        (entry.version_id, entry.rule.key): (0, entry.rule.group, entry.rule.unit)
        if entry.rule.group
        else (entry.version_id, entry.rule.key, entry.rule.unit)
        for entry in entries
    }


def _uses(sale: Sale, purchase: Purchase, left: Decision) -> Counter[Key]:
    """What is decided anew is used as far as it is; a discount stays what it was, on the lines that are kept."""
    found: Counter[Key] = Counter()
    for use in left.uses:
        if use.gives_back:
            found[use.slot, use.place] += use.count
    discounted = {cut.rule: cut.lines for cut in sale.discounts}
    for use in sale.uses:
        if use.gives_back and use.rule in discounted:
            found[use.slot, use.place] += _still_used(use, discounted[use.rule], purchase.lines)
    return found


def _still_used(use: Use, off: Mapping[int, int], lines: tuple[Line, ...]) -> int:
    if use.slot.rsplit("/", 3)[1] == Count.DISCOUNT:
        return sum(line.left_of(off[line.no]) for line in lines if line.no in off)
    is_kept = any(line.kind in GOODS and line.returned < line.quantity for line in lines)
    return use.count if is_kept else 0
