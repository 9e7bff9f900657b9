"""What the engine reads and answers."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from campaigns.definitions import Limit, Multipliers, Rule
from conditions.deciding import Failure
from conditions.tree import Node
from conditions.vocabulary import Field
from ledger.policies import Expiry

MONEY, QUANTITY, NUMBER, UNIT = "money", "quantity", "number", "unit:"


class RuleInForce(msgspec.Struct, frozen=True):
    """
    A rule of a published version, its condition compiled, and the conditions about lines in its effect by the part that
    they filter. `stopped` means that the campaign's kill switch was thrown; `asks` names what must be known beside the
    subject; `measure` is the attribute of an event that the effect counts. `multipliers` and `limits` are those of the
    whole version.
    """

    campaign: str
    version_id: int
    version: int
    rule: Rule
    condition: Node
    stopped: bool = False
    asks: frozenset[str] = frozenset()
    filters: Mapping[str, Node] = {}
    multipliers: Multipliers = Multipliers()
    limits: tuple[Limit, ...] = ()
    measure: Field | None = None

    @property
    def effect(self) -> dict[str, Any]:
        """The rule's effect as decisions keep it."""
        return _written(self.rule.effect)


@lru_cache(maxsize=4096)
def _by_json(written: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(written)
    return found


def _written(effect: Any) -> dict[str, Any]:
    return _by_json(msgspec.json.encode(effect))


class Cut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A limit that left less than was wanted: what it says, and how much of it was used before."""

    limit: Limit
    used: int = 0


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What one rule gives, with every number of its formula.

    `base` is the amount that counted: money in minor units of the order's currency, or thousandths for rules by
    quantity; `lines` the order lines it came from. Of `desired` units, `granted` are left by the limit that `cut` it.
    `expiry` is how long the rule lets it live, if it doesn't leave that to the unit.
    """

    campaign: str
    version_id: int
    version: int
    rule: str
    unit: str
    effect: dict[str, Any]
    desired: int
    granted: int
    base: int = 0
    lines: tuple[int, ...] = ()
    expiry: Expiry | None = None
    cut: Cut | None = None


class PriceCut(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Money that one rule takes off, in minor units of the order's currency: by line number and together. `desired` is
    what it would have been without the limit that `cut` it.
    """

    campaign: str
    version_id: int
    version: int
    rule: str
    effect: dict[str, Any]
    desired: int
    amount: int
    lines: dict[int, int]
    cut: Cut | None = None


class Rejection(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What a rule did not give and why. Codes:
    - `condition_failed` (the parts of its `failure`), `below_block` (required, observed), `no_goods`,
    - `no_matching_lines`, `nothing_to_multiply`, `nothing_to_discount`,
    - `beaten_by` and `exclusive_conflict` (`field` is "campaign/rule" of who won, required what that gives, observed
      what this one would have given),
    - `limit_reached` (`test` is the limit, required its most, observed what was used), `not_needed` of a substitute,
    - `stopped`, and without a rule `no_member`, `member_blocked`, `no_campaign`.

    `measure` says what required and observed count where no condition says it: "money", "quantity" (thousandths),
    "number", or the code of a unit behind "unit:".
    """

    code: str
    campaign: str = ""
    version: int = 0
    rule: str = ""
    field: str = ""
    op: str = ""
    required: Any = None
    observed: Any = None
    test: Any = None
    measure: str = ""

    @property
    def failure(self) -> Failure:
        """What of its condition a rule missed."""
        return Failure(self.field, self.op, self.required, self.observed, self.test)


class Use(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What a rule uses of a counter: `count` more of `slot` at `place` (whose it is, and in which period), of which not
    more than `room` may have been used before, and `most` is there. `gives_back` says whether a return makes it free
    again.
    """

    rule: str
    slot: str
    place: str
    count: int
    room: int
    most: int
    gives_back: bool = True


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    The full answer for one input. `versions` are the ids of all versions that were asked; `known` is what their rules
    asked for beside the input, as it was then. `uses` is what it takes of counters, `pauses` the campaigns that stop
    because a limit is reached.
    """

    grants: tuple[Grant, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    versions: tuple[int, ...] = ()
    known: Mapping[str, Any] = {}
    discounts: tuple[PriceCut, ...] = ()
    uses: tuple[Use, ...] = ()
    pauses: tuple[str, ...] = ()

    @property
    def off(self) -> dict[int, int]:
        """What discounts take off, by line number."""
        found: dict[int, int] = {}
        for cut in self.discounts:
            for no, amount in cut.lines.items():
                found[no] = found.get(no, 0) + amount
        return found


def rejected(entry: RuleInForce, code: str, **facts: Any) -> Rejection:
    """A rule's answer that gives nothing."""
    return Rejection(code, entry.campaign, entry.version, entry.rule.key, **facts)
