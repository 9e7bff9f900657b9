"""What goes into a decision about a member's tier, and what comes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from members.tiers.windows import Place


class Cause(StrEnum):
    ENTERED = "ENTERED"
    EARNED = "EARNED"
    KEPT = "KEPT"
    GRACE = "GRACE"
    DROPPED = "DROPPED"
    MANUAL = "MANUAL"
    CHALLENGE = "CHALLENGE"
    PAID = "PAID"
    LIFETIME = "LIFETIME"


class Which(StrEnum):
    """The stretches in which something is measured for one member."""

    NOW = "now"
    BEFORE = "before"
    EVER = "ever"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Own:
    """
    A tier held by what the member did. `since` is when it was reached or renewed, `former` the tier it was reached
    from ("" for none).
    """

    tier: str
    since: datetime
    until: datetime | None
    cause: Cause
    former: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """A floor under a member; `cause` is MANUAL, PAID, CHALLENGE (a trial) or LIFETIME."""

    id: int
    tier: str
    cause: Cause
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """
    One member on one ladder at an instant. `carried` says what counts besides in the windows that begin at some
    instants, by metric.
    """

    at: datetime
    place: Place
    own: Own | None = None
    grants: tuple[Granted, ...] = ()
    carried: Mapping[datetime, Mapping[str, int]] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The tier that counts, and why."""

    tier: str
    until: datetime | None
    cause: Cause


@dataclass(frozen=True, slots=True)
class Reached:
    """A milestone, how many times by now, in the window from `start` (None: over all time)."""

    milestone: str
    times: int
    start: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What is held next. `lifetime` is a tier that is now for ever; `ended` are grants that are over, `won` the trial
    among them whose target was met; `carry` is what counts besides in the window from `carry_from`. Something may
    happen by itself at `due_at`.
    """

    own: Own | None
    shown: Shown | None
    lifetime: str | None = None
    ended: tuple[int, ...] = ()
    won: int | None = None
    carry_from: datetime | None = None
    carry: Mapping[str, int] | None = None
    milestones: tuple[Reached, ...] = ()
    due_at: datetime | None = None


Figures = Callable[[Which, str], int]
