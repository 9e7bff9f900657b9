"""What clients send about households. `customer` is always the member who acts."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from integrations.api.bodies import Reference, Source
from integrations.api.payment_bodies import Payer, Points, UnitCode

Number = Annotated[str, Meta(pattern=r"^[0-9]{12}$(?!\n)", description="A member number.", examples=["400000000006"])]
GivenRole = Annotated[Literal["adult", "contributor"], Meta(description="Contributors give and see; adults spend too.")]


class FoundBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new household, led by `customer`."""

    customer: Payer
    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S", examples=["The Lovelaces"])]


class InviteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the head, `customer`, asks to join."""

    customer: Payer
    member: Number
    role: GivenRole = "adult"


class ActorBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who acts."""

    customer: Payer


class RemoveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the head, `customer`, removes."""

    customer: Payer
    member: Number


class RoleBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `member` is from now on. Making somebody the head makes `customer`, who is it until then, an adult."""

    customer: Payer
    member: Number
    role: Literal["head", "adult", "contributor"]


class ShareBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of what `customer` earns from now on goes to the household by itself."""

    customer: Payer
    percent: Annotated[int, Meta(ge=0, le=100)]


class ContributionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `customer` gives. `source` and `reference` make it happen once."""

    source: Source
    reference: Reference
    customer: Payer
    unit: UnitCode
    amount: Points
