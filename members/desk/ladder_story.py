"""A ladder of tiers told for people: what is in force, what comes, and the draft."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from members.tiers.definitions import Definition, read
from members.tiers.metrics import Metric, metrics_of
from members.tiers.models import LadderVersion, TierLadder, TierStay
from members.tiers.sentences import ladder_sentences

State = LadderVersion.State


@dataclass(frozen=True, slots=True)
class Told:
    """A version with what it says."""

    version: LadderVersion
    sentences: list[str]
    is_in_force: bool
    is_to_come: bool


@dataclass(frozen=True, slots=True)
class People:
    """How many members are in a tier."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class LadderStory:
    """A ladder told for people: `published` newest first, what is in force, and the draft."""

    ladder: TierLadder
    published: list[Told]
    draft: LadderVersion | None
    metrics: dict[str, Metric]

    @property
    def now(self) -> Told | None:
        return next((told for told in self.published if told.is_in_force), None)

    @property
    def to_come(self) -> list[Told]:
        return [told for told in self.published if told.is_to_come]

    @property
    def editable(self) -> Definition:
        """What the form begins with: the draft, else the latest version."""
        return read((self.draft or self.published[0].version).definition)

    @property
    def draft_sentences(self) -> list[str]:
        return ladder_sentences(read(self.draft.definition), self.metrics) if self.draft else []

    @property
    def people(self) -> list[People]:
        """How many members are in each tier, the highest first."""
        if self.now is None:
            return []
        counts = dict(
            TierStay.objects.filter(ladder=self.ladder, ended_at__isnull=True)
            .values_list("tier")
            .annotate(count=Count("pk"))
        )
        tiers = read(self.now.version.definition).tiers
        return [People(tier.name, counts.get(tier.key, 0)) for tier in reversed(tiers)]


def story_of(ladder: TierLadder, *, at: datetime) -> LadderStory:
    """Read all versions of a ladder, and its draft."""
    versions = list(LadderVersion.objects.filter(ladder=ladder).order_by("-effective_from", "-number"))
    metrics = dict(metrics_of(ladder.programme))
    published = [version for version in versions if version.state == State.PUBLISHED]
    in_force = next((one for one in published if one.effective_from and one.effective_from <= at), None)
    told = [
        Told(
            version,
            ladder_sentences(read(version.definition), metrics),
            version == in_force,
            bool(version.effective_from and version.effective_from > at),
        )
        for version in published
    ]
    draft = next((version for version in versions if version.state == State.DRAFT), None)
    return LadderStory(ladder, told, draft, metrics)
