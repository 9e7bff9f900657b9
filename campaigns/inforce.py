"""Which rules are in force at a time."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from campaigns.definitions import ORDER, Definition, Words, condition_of, filters_of, measure_of, read
from campaigns.engine import InForce, RuleInForce
from campaigns.models import CampaignVersion
from conditions.asking import asks_of
from ledger.policies import Policy
from orders.events.builtin import BUILT_IN
from orders.events.queries import types_of
from roundtrips import Question, ask


class _Version(msgspec.Struct, frozen=True):
    id: int
    number: int
    campaign: str
    effective_from: datetime
    stopped: bool


class Timetable:
    """All published versions of a programme; read once for a request or a batch, asked for any moment."""

    def __init__(self, versions: Iterable[_Version]) -> None:
        self._by_campaign: dict[str, list[_Version]] = defaultdict(list)
        self._by_id: dict[int, _Version] = {}
        for version in sorted(versions, key=lambda version: version.effective_from):
            self._by_campaign[version.campaign].append(version)
            self._by_id[version.id] = version

    def at(self, moment: datetime, trigger: str | None = ORDER) -> Sequence[RuleInForce]:
        """
        The rules in force at `moment` that wait for `trigger` (None: for anything), campaigns in the order of their
        keys; rules of stopped campaigns say so.
        """
        return self.asked_at(moment, trigger).rules

    def asked_at(self, moment: datetime, trigger: str | None = ORDER) -> InForce:
        """The same, as they are asked together."""
        begun: list[tuple[int, int, bool]] = []
        for campaign in sorted(self._by_campaign):
            versions = self._by_campaign[campaign]
            position = bisect_right([version.effective_from for version in versions], moment)
            if position:
                version = versions[position - 1]
                begun.append((version.id, version.number, version.stopped))
        return _together(tuple(begun), trigger)

    def of(self, version_ids: Iterable[int]) -> list[RuleInForce]:
        """The rules of given versions as they decided a sale; a later kill switch does not change what was sold."""
        return [
            rule for version_id in version_ids for rule in _rules(self._by_id[version_id], stopped=False, trigger=ORDER)
        ]


class PolicyInForce(msgspec.Struct, frozen=True):
    """What a unit's policy says from `effective_from` until the next one."""

    effective_from: datetime
    says: Policy


class UnitTerms(msgspec.Struct, frozen=True):
    """What an earning needs to know of a unit."""

    id: int
    code: str
    decimals: int
    policies: list[PolicyInForce]

    def policy_at(self, moment: datetime) -> Policy:
        """What holds for what is earned at `moment`."""
        begun = [policy.says for policy in self.policies if policy.effective_from <= moment]
        return begun[-1] if begun else self.policies[0].says


class Terms(msgspec.Struct, frozen=True):
    """What decides an order: the rules, and by its code what each unit is."""

    rules: Timetable
    units: dict[str, UnitTerms]


class _Stored(msgspec.Struct):
    versions: list[_Version]
    units: list[UnitTerms]


_decode = msgspec.json.Decoder(_Stored).decode


def terms(programme_id: int) -> Terms:
    """Read what decides the orders of a programme, in one round trip."""
    return ask(terms_of(programme_id))


def terms_of(programme_id: int) -> Question[Terms]:
    """The question that `terms` asks, for those who ask more at once."""
    return Question(("campaigns_terms(%s)",), (programme_id,), _read_terms)


def _read_terms(row: Sequence[Any]) -> Terms:
    stored = _decode(row[0])
    return Terms(Timetable(stored.versions), {unit.code: unit for unit in stored.units})


@lru_cache(maxsize=256)
def _together(begun: tuple[tuple[int, int, bool], ...], trigger: str | None) -> InForce:
    waiting = (_waiting(version_id, number, trigger, stopped=stopped) for version_id, number, stopped in begun)
    return InForce(tuple(entry for entries in waiting for entry in entries))


def _rules(version: _Version, *, stopped: bool, trigger: str | None) -> Sequence[RuleInForce]:
    return _waiting(version.id, version.number, trigger, stopped=stopped)


@lru_cache(maxsize=4096)
def _waiting(version_id: int, number: int, trigger: str | None, *, stopped: bool) -> tuple[RuleInForce, ...]:
    return tuple(
        msgspec.structs.replace(entry, version=number, stopped=stopped)
        for entry in _compiled(version_id)
        if trigger in {None, entry.rule.trigger}
    )


@lru_cache(maxsize=2048)
def _compiled(version_id: int) -> tuple[RuleInForce, ...]:
    # A published version is frozen by the database and what it speaks of only grows, so it can be kept for as long as
    # the process lives.
    found = CampaignVersion.objects.values_list("definition", "campaign__programme_id", "campaign__key")
    stored, programme_id, campaign = found.get(pk=version_id)
    definition = read(stored)
    types = types_of(programme_id) if any(rule.event for rule in definition.rules) else BUILT_IN
    words = Words(types, programme_id)
    return tuple(compiled(definition, words=words, campaign=campaign, version_id=version_id))


def compiled(definition: Definition, *, words: Words, campaign: str = "", version_id: int = 0) -> Iterator[RuleInForce]:
    """The rules of a definition as the engine asks them, as if they were in force."""
    for rule in definition.rules:
        condition = condition_of(rule, words=words)
        yield RuleInForce(
            campaign=campaign,
            version_id=version_id,
            version=0,
            rule=rule,
            condition=condition,
            asks=asks_of(condition),
            filters=filters_of(rule),
            multipliers=definition.multipliers,
            limits=definition.limits,
            measure=measure_of(rule, words),
        )
