"""What the rules in force say about orders and events of a programme, with all that they have to know."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

import msgspec

from campaigns.counters import Bearer, Counters, all_used, asking, counting, pausing, places_of
from campaigns.definitions import EVENT, ORDER, Per
from campaigns.engine import Decision, InForce, Rejection, RuleInForce, decide
from campaigns.inforce import Terms, Timetable
from campaigns.knowing import Asking, asked_by, looking_up, of_members
from conditions.situation import Situation
from members.knowing import Asked
from members.queries import FoundMember
from orders.events.types import Happening
from orders.facts import Purchase
from roundtrips import Change, ask, both
from shops.models import Programme


class Decidable(Protocol):
    """
    An order or an event that is on record. `KIND` says which it is: the source of its postings and its place in facts.
    `told` is what its caller told beside it, by the names of words.
    """

    KIND: ClassVar[str]

    @property
    def id(self) -> int: ...

    @property
    def fresh(self) -> bool: ...

    @property
    def happened_at(self) -> datetime: ...

    @property
    def member(self) -> FoundMember | None: ...

    @property
    def subject(self) -> Purchase | Happening: ...

    @property
    def told(self) -> Mapping[str, Any]: ...

    @property
    def named(self) -> dict[str, Any]: ...


class Shops(Protocol):
    """The time zones of shops; empty for the programme's."""

    def zone_of(self, shop_code: str) -> str: ...


Decided = tuple[Decidable, Decision]
D = TypeVar("D", bound=Decidable)


def decide_all(*, programme: Programme, rows: Sequence[D], terms: Terms, shops: Shops) -> list[tuple[D, Decision]]:
    """
    A decision for each of some orders and events, in the given order: limits leave to one what those before it left.

    One round trip if anything but the clock and what callers tell has to be known, none if not.
    """
    rules = {row.id: _asked(row, terms.rules, programme.pk) for row in rows}
    bearers = {row.id: _bearer(programme, row) for row in rows}
    places = {row_id: places_of(rules[row_id].rules, bearer) for row_id, bearer in bearers.items()}
    looked_up = looking_up(programme.pk, [_asking(programme, row, rules[row.id], shops) for row in rows])
    unit_ids = {code: unit.id for code, unit in terms.units.items()}
    counters = asking(programme.pk, [(places[row_id], bearer) for row_id, bearer in bearers.items()], unit_ids)
    question = both(looked_up, counters)
    values, used = ask(question) if question.columns else question.read(())
    known = dict(zip(rules, values, strict=True))
    return [(row, _decide(row, rules[row.id], known[row.id], places[row.id], used)) for row in rows]


def settling(*, programme: Programme, decided: Sequence[Decided], terms: Terms) -> list[Change]:
    """What decisions change of counters, and the campaigns that their limits stop; to be carried out last."""
    unit_ids = {code: unit.id for code, unit in terms.units.items()}
    used = list(all_used((row.happened_at, decision) for row, decision in decided))
    paused = {key for _, decision in decided for key in decision.pauses}
    at = max((row.happened_at for row, _ in decided), default=None)
    pauses = pausing(programme.pk, sorted(paused), at) if at else []
    return [*counting(programme.pk, used, unit_ids), *pauses]


def rules_for(row: Decidable, timetable: Timetable) -> InForce:
    """The rules that wait for what happened, in force when it did."""
    trigger = ORDER if isinstance(row.subject, Purchase) else f"{EVENT}{row.subject.type}"
    return timetable.asked_at(row.happened_at, trigger)


def _asked(row: Decidable, timetable: Timetable, programme_id: int) -> InForce:
    """
    The rules that are asked. Who is no member, or blocked, gets no units; a price is everybody's who asks for offers
    and of whom a rule need not know anything.
    """
    rules = rules_for(row, timetable)
    if _nobody(row) is None:
        return rules
    everybodys = [entry for entry in rules.rules if _is_everybodys(entry, programme_id)]
    return InForce(everybodys if _wants_offers(row) else ())


def _is_everybodys(entry: RuleInForce, programme_id: int) -> bool:
    is_counted_by_member = any(limit.per is Per.MEMBER for limit in (*entry.rule.limits, *entry.limits))
    return entry.rule.is_discount and not is_counted_by_member and not of_members(entry.asks, programme_id=programme_id)


def _wants_offers(row: Decidable) -> bool:
    return isinstance(row.subject, Purchase) and row.subject.wants_offers


def _nobody(row: Decidable) -> Rejection | None:
    """Why nobody can be given units."""
    if row.member is None:
        return Rejection("no_member")
    return None if row.member.is_active else Rejection("member_blocked")


def _decide(
    row: Decidable, rules: InForce, known: Mapping[str, Any], places: Mapping[str, str], used: Counters
) -> Decision:
    nobody = _nobody(row)
    if nobody and not rules.rules:
        return Decision(rejections=(nobody,))
    decision = decide(Situation(row.subject, row.happened_at, {**known, **used.known(places)}), rules)
    used.take(decision)
    return msgspec.structs.replace(decision, rejections=(nobody, *decision.rejections)) if nobody else decision


def _bearer(programme: Programme, row: Decidable) -> Bearer:
    member_id, wallet_id = (row.member.member_id, row.member.wallet_id) if row.member else (0, 0)
    return Bearer(member_id, wallet_id, row.subject.shop_code, row.happened_at, programme.zone)


def _asking(programme: Programme, row: Decidable, rules: InForce, shops: Shops) -> Asking:
    zone = shops.zone_of(row.subject.shop_code) or programme.time_zone
    member_id = row.member.member_id if row.member else 0
    return Asking(Asked(member_id, row.happened_at, zone), row.told, asked_by(rules.rules))
