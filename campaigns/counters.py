"""
Counters behind limits: what is asked of them before a decision, and what it writes when it is made.

A decision takes for granted what it read; when more was used meanwhile than leaves room, nothing is written and it is
made anew. Counters are touched last, in the order of their names, so that nobody waits for anybody in a circle.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from campaigns.definitions import Count, Limit, Per
from campaigns.definitions.effects import USED
from campaigns.engine import Decision, RuleInForce, Use
from campaigns.engine.limiting import BALANCE, limits_of
from kernel.periods import local_day
from roundtrips import Change, Question, both

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[int]).decode
BY_LIMIT = "limit"
Key = tuple[str, str]  # slot and place


class Bearer(msgspec.Struct, frozen=True):
    """Whose counters are meant: who does something where, when, by the programme's clock."""

    member_id: int
    wallet_id: int
    shop_code: str
    at: datetime
    zone: ZoneInfo

    def place(self, limit: Limit) -> str:
        """Where a limit's use is counted: whose it is, and in which period."""
        if limit.count is Count.BALANCE:
            return f"wallet {self.wallet_id}"
        whose = {Per.MEMBER: f"member {self.member_id}", Per.SHOP: f"shop {self.shop_code}"}.get(limit.per, "")
        return f"{whose}/{_period(local_day(self.at, self.zone), limit.period)}"


def _period(day: date, period: str) -> str:
    year, week, _ = day.isocalendar()
    return {
        "": "",
        "day": day.isoformat(),
        "week": f"{year}-W{week:02}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "year": f"{day.year}",
    }[period]


def places_of(rules: Iterable[RuleInForce], bearer: Bearer) -> dict[str, str]:
    """Where each counter that the rules ask for is kept, by its slot."""
    return {
        slot: bearer.place(limit)
        for entry in rules
        if not entry.stopped
        for slot, limit in limits_of(entry)
        if limit.per is not Per.ORDER
    }


class Counters:
    """What is used of counters, with what was decided since they were read."""

    def __init__(self, used: Mapping[Key, int]) -> None:
        self._used = dict(used)

    def known(self, places: Mapping[str, str]) -> dict[str, Any]:
        """What a situation has to know of them."""
        return {slot: [self._used.get((slot, place), 0), place] for slot, place in places.items()}

    def take(self, decision: Decision) -> None:
        for use in decision.uses:
            key = (use.slot, use.place)
            self._used[key] = self._used.get(key, 0) + use.count


def asking(
    programme_id: int, asked: Iterable[tuple[Mapping[str, str], Bearer]], units: Mapping[str, int]
) -> Question[Counters]:
    """What is used of the counters at these places; `units` are the ids of units by code."""
    keys: dict[Key, Bearer] = {}
    for places, bearer in asked:
        keys |= dict.fromkeys(places.items(), bearer)
    counted = [key for key in keys if key[0].startswith(USED)]
    balances = [key for key in keys if key[0].startswith(BALANCE)]
    return _merged(both(_used(programme_id, counted), _balances({key: keys[key] for key in balances}, units)))


def _merged(question: Question[tuple[dict[Key, int], dict[Key, int]]]) -> Question[Counters]:
    def read(row: Sequence[Any]) -> Counters:
        used, balances = question.read(row)
        return Counters(used | balances)

    return Question(question.columns, question.parameters, read)


def _used(programme_id: int, keys: Sequence[Key]) -> Question[dict[Key, int]]:
    if not keys:
        return Question((), (), lambda _: {})
    return Question(
        ("campaigns_used(%s, %s, %s)",),
        (programme_id, [slot for slot, _ in keys], [place for _, place in keys]),
        lambda row: dict(zip(keys, _decode(row[0]), strict=True)),
    )


def _balances(keys: Mapping[Key, Bearer], units: Mapping[str, int]) -> Question[dict[Key, int]]:
    if not keys:
        return Question((), (), lambda _: {})
    return Question(
        ("campaigns_balances(%s, %s, %s)",),
        (
            [bearer.wallet_id for bearer in keys.values()],
            [units[slot.removeprefix(BALANCE)] for slot, _ in keys],
            [bearer.at for bearer in keys.values()],
        ),
        lambda row: dict(zip(keys, _decode(row[0]), strict=True)),
    )


class Used(msgspec.Struct, frozen=True):
    """A use that a decision about `at` makes."""

    use: Use
    at: datetime


def counting(programme_id: int, used: Sequence[Used], units: Mapping[str, int]) -> list[Change]:
    """Write what decisions use, whatever they gave for it; to be carried out last."""
    counted = sorted((one for one in used if one.use.slot.startswith(USED)), key=lambda one: _key(one.use))
    changes = [_checking(one, units) for one in used if one.use.slot.startswith(BALANCE)]
    if counted:
        uses = [_written(one) for one in counted]
        changes.append(
            Change(
                "campaigns_count(%s, %s)",
                (programme_id, _encode(uses).decode()),
                overtaken_by=frozenset({"limit_has_room"}),
            )
        )
    return changes


def giving_back(programme_id: int, room: Mapping[Key, int]) -> list[Change]:
    """Make room again for what is not used any more."""
    written = [
        {"slot": slot, "place": place, "count": count}
        for (slot, place), count in sorted(room.items())
        if slot.startswith(USED) and count > 0
    ]
    return [Change("campaigns_uncount(%s, %s)", (programme_id, _encode(written).decode()))] if written else []


def pausing(programme_id: int, keys: Sequence[str], at: datetime) -> list[Change]:
    """Stop campaigns whose limit says so."""
    if not keys:
        return []
    return [Change("campaigns_pause(%s, %s, %s, %s)", (programme_id, sorted(keys), BY_LIMIT, at))]


def _key(use: Use) -> Key:
    return use.slot, use.place


def _checking(one: Used, units: Mapping[str, int]) -> Change:
    wallet_id = int(one.use.place.removeprefix("wallet "))
    unit_id = units[one.use.slot.removeprefix(BALANCE)]
    return Change(
        "campaigns_check_balance(%s, %s, %s, %s)",
        (wallet_id, unit_id, one.use.most, one.at),
        overtaken_by=frozenset({"limit_has_room"}),
    )


def _written(one: Used) -> dict[str, Any]:
    use = one.use
    return {
        "slot": use.slot,
        "place": use.place,
        "count": use.count,
        "room": use.room,
        "most": use.most,
        "told": _told(use),
        "at": one.at,
    }


def _told(use: Use) -> dict[str, str] | None:
    """What the fact about a threshold says; a member's own limit is nobody's news."""
    campaign, _, counted = use.slot.removeprefix(USED).partition("/")
    rule, count, per, period = counted.rsplit("/", 3)
    if per == Per.MEMBER:
        return None
    whose, _, when = use.place.partition("/")
    return {
        "campaign": campaign,
        "rule": rule,
        "count": count,
        "shop": whose.removeprefix("shop "),
        "each": period,
        "period": when,
    }


def all_used(decided: Iterable[tuple[datetime, Decision]]) -> Iterator[Used]:
    """The uses of several decisions."""
    for at, decision in decided:
        for use in decision.uses:
            yield Used(use, at)
