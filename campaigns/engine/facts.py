"""What the engine reads and answers."""

from collections.abc import Mapping
from typing import Any

import msgspec

from campaigns.definitions import Rule
from conditions.deciding import Failure
from conditions.tree import Node
from ledger.policies import Expiry


class RuleInForce(msgspec.Struct, frozen=True):
    """
    A rule of a published version, its condition compiled. `stopped` means that the campaign's kill switch was thrown;
    `asks` names what must be known beside the subject.
    """

    campaign: str
    version_id: int
    version: int
    rule: Rule
    condition: Node
    stopped: bool = False
    asks: frozenset[str] = frozenset()


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What one rule gives, with every number of its formula.

    `base` is the money that counted, in minor units of the order's currency; `lines` the order lines it came from.
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


class Rejection(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What a rule did not give and why. Codes: `condition_failed` (the parts of its `failure`), `below_block`
    (required, observed), `no_goods`, `stopped`, and without a rule `no_member`, `member_blocked`, `no_campaign`.
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

    @property
    def failure(self) -> Failure:
        """What of its condition a rule missed."""
        return Failure(self.field, self.op, self.required, self.observed, self.test)


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    The full answer for one input. `versions` are the ids of all versions that were asked; `known` is what their rules
    asked for beside the input, as it was then.
    """

    grants: tuple[Grant, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    versions: tuple[int, ...] = ()
    known: Mapping[str, Any] = {}
