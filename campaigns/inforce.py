"""Which rules are in force at a time."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from campaigns.definitions import Rule, condition_of, read
from campaigns.engine import RuleInForce
from campaigns.models import CampaignVersion
from conditions.asking import asks_of
from conditions.tree import Node
from ledger.policies import Policy
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

    def at(self, moment: datetime) -> list[RuleInForce]:
        """The rules in force at `moment`, campaigns in the order of their keys; rules of stopped campaigns say so."""
        found: list[RuleInForce] = []
        for campaign in sorted(self._by_campaign):
            versions = self._by_campaign[campaign]
            position = bisect_right([version.effective_from for version in versions], moment)
            if position:
                found += _rules(versions[position - 1], stopped=versions[position - 1].stopped)
        return found

    def of(self, version_ids: Iterable[int]) -> list[RuleInForce]:
        """The rules of given versions as they decided a sale; a later kill switch does not change what was sold."""
        return [rule for version_id in version_ids for rule in _rules(self._by_id[version_id], stopped=False)]


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


def _rules(version: _Version, *, stopped: bool) -> list[RuleInForce]:
    return [
        RuleInForce(version.campaign, version.id, version.number, rule, condition, stopped, asks)
        for rule, condition, asks in _compiled(version.id)
    ]


_Compiled = tuple[tuple[Rule, Node, frozenset[str]], ...]


@lru_cache(maxsize=2048)
def _compiled(version_id: int) -> _Compiled:
    # A published version is frozen by the database, so it can be kept for as long as the process lives.
    found = CampaignVersion.objects.values_list("definition", "campaign__programme_id")
    stored, programme_id = found.get(pk=version_id)
    conditions = [(rule, condition_of(rule, programme_id=programme_id)) for rule in read(stored, programme_id).rules]
    return tuple((rule, node, asks_of(node)) for rule, node in conditions)
