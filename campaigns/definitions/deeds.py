"""What a rule can do beside units and money off: things that others carry out, and the caller is told."""

from typing import Any

import msgspec


class _Deed(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
    pass


class GiveProduct(_Deed, frozen=True, tag="product"):
    """`count` pieces of an article are added for nothing; who sells adds them."""

    sku: str
    count: int = 1


class GiveReward(_Deed, frozen=True, tag="reward"):
    """The member gets the reward with this key, without paying points for it."""

    reward: str


class MoveTier(_Deed, frozen=True, tag="tier"):
    """The member is moved to a tier of a ladder, for `days` (none: by the ladder's own rules)."""

    ladder: str
    tier: str
    days: int | None = None


class Tag(_Deed, frozen=True, tag="tag"):
    """The member gets a tag, or loses it."""

    tag: str
    off: bool = False


class Tell(_Deed, frozen=True, tag="message"):
    """The member is sent the message with this key."""

    message: str


class Custom(_Deed, frozen=True, tag="custom"):
    """An effect that only the caller understands, with texts, numbers and flags as they are."""

    name: str
    values: dict[str, Any] = {}


Deed = GiveProduct | GiveReward | MoveTier | Tag | Tell | Custom
