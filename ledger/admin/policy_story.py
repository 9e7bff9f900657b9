"""A unit's policies told for people: what holds now, what comes, what a draft would change."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.periods import local_day, start_of_day
from ledger import policies
from ledger.figures import Open, open_points
from ledger.models import Unit, UnitPolicy
from ledger.policies import Policy
from ledger.sentences import policy_sentences

EXAMPLE_HOUR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Life:
    """What is earned on a day: the first day on which it can be spent, and the last; None is never."""

    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Example:
    earned: date
    before: Life
    after: Life


@dataclass(frozen=True, slots=True)
class Told:
    """A version with what it says."""

    policy: UnitPolicy
    sentences: list[str]
    is_in_force: bool
    is_to_come: bool


@dataclass(frozen=True, slots=True)
class PolicyStory:
    """`published` is newest first; `now` is what is in force; `draft` waits to be published."""

    unit: Unit
    at: datetime
    published: list[UnitPolicy]
    draft: UnitPolicy | None

    @property
    def now(self) -> UnitPolicy:
        return next(policy for policy in self.published if policy.effective_from and policy.effective_from <= self.at)

    @property
    def editable(self) -> Policy:
        """What the form begins with: the draft, else the latest version."""
        return policies.read((self.draft or self.published[0]).definition)

    @property
    def sentences(self) -> list[str]:
        return self._says(self.now)

    @property
    def draft_sentences(self) -> list[str]:
        return self._says(self.draft) if self.draft else []

    @property
    def history(self) -> list[Told]:
        now = self.now
        return [
            Told(
                policy,
                self._says(policy),
                policy == now,
                bool(policy.effective_from and policy.effective_from > self.at),
            )
            for policy in self.published
        ]

    @property
    def examples(self) -> list[Example]:
        """What is earned today, at the month's and at the year's end, under what is in force and under the draft."""
        before = policies.read(self.now.definition)
        zone = self.unit.programme.zone
        today = local_day(self.at, zone)
        days = sorted({today, _month_end(today), date(today.year, 12, 31)})
        return [Example(day, _life(before, day, zone), _life(self.editable, day, zone)) for day in days]

    @property
    def open_points(self) -> Open:
        """What members have now that will expire."""
        return open_points(self.unit.pk, at=self.at)

    def _says(self, policy: UnitPolicy) -> list[str]:
        read = policies.read(policy.definition)
        return policy_sentences(read, name=self.unit.name, decimals=self.unit.decimals)


def policy_story_of(unit: Unit, *, at: datetime) -> PolicyStory:
    """Read all versions of a unit's policy, and its draft."""
    versions = list(UnitPolicy.objects.filter(unit=unit).order_by("-effective_from", "-number"))
    published = [version for version in versions if version.state == UnitPolicy.State.PUBLISHED]
    draft = next((version for version in versions if version.state == UnitPolicy.State.DRAFT), None)
    return PolicyStory(unit, at, published, draft)


def _life(policy: Policy, day: date, zone: ZoneInfo) -> Life:
    noon = start_of_day(day, zone) + EXAMPLE_HOUR
    active = policies.active_from(policy, earned_at=noon, zone=zone)
    ends = policies.expires_at(policy, active=active, zone=zone)
    return Life(local_day(active, zone), local_day(ends - timedelta(microseconds=1), zone) if ends else None)


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
