"""A campaign told for people: what it does now, what comes, what was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from campaigns import queries
from campaigns.comparing import Change, Example, changes, examples
from campaigns.definitions import Definition, read
from campaigns.models import Campaign, CampaignVersion
from campaigns.sentences import definition_sentence
from ledger.queries import Unit


@dataclass(frozen=True, slots=True)
class Told:
    """A version with what it says and how it differs from the one before."""

    version: CampaignVersion
    sentence: str
    changes: list[Change]
    is_in_force: bool
    is_to_come: bool


@dataclass(frozen=True, slots=True)
class Story:
    """
    `published` is newest first; `in_force` decides purchases now; `draft` waits to be published. `units` are the
    programme's by code.
    """

    campaign: Campaign
    at: datetime
    published: list[CampaignVersion]
    draft: CampaignVersion | None
    in_force: CampaignVersion | None
    units: Mapping[str, Unit]

    @property
    def decimals(self) -> dict[str, int]:
        return {code: unit.decimals for code, unit in self.units.items()}

    @property
    def status(self) -> str:
        if self.campaign.stopped_at:
            return "stopped"
        if self.in_force:
            return "live"
        return "scheduled" if self.published else "draft"

    @property
    def sentence(self) -> str:
        return self.says(self.in_force) if self.in_force else ""

    @property
    def draft_sentence(self) -> str:
        return self.says(self.draft) if self.draft else ""

    @property
    def editable(self) -> Definition:
        """What the form begins with: the draft, else the latest version."""
        latest = self.draft or self.published[0]
        return read(latest.definition)

    @property
    def draft_changes(self) -> list[Change]:
        """What publishing the draft would change, compared with the latest version."""
        if self.draft is None:
            return []
        before, after, programme = self._latest, read(self.draft.definition), self.campaign.programme
        types = queries.types_told([after, *([before] if before else [])], programme)
        return changes(before, after, queries.money_of(programme), types, self.decimals)

    @property
    def draft_examples(self) -> list[Example]:
        """Baskets before and after."""
        if self.draft is None:
            return []
        return self._examples(self._latest, read(self.draft.definition))

    @property
    def examples(self) -> list[Example]:
        """Baskets as they earn now."""
        if self.in_force is None:
            return []
        current = read(self.in_force.definition)
        return self._examples(current, current)

    @property
    def to_come(self) -> list["Told"]:
        """Versions that are published and have not begun, soonest first."""
        return [told for told in reversed(self.history) if told.is_to_come]

    @property
    def history(self) -> list[Told]:
        """Published versions in words, newest first."""
        money = queries.money_of(self.campaign.programme)
        definitions = [read(version.definition) for version in self.published]
        types = queries.types_told(definitions, self.campaign.programme)
        told = []
        for version, definition, earlier in zip_longest(self.published, definitions, definitions[1:]):
            told.append(
                Told(
                    version,
                    definition_sentence(definition, money, types, self.decimals),
                    changes(earlier, definition, money, types, self.decimals) if earlier else [],
                    version == self.in_force,
                    version.effective_from is not None and version.effective_from > self.at,
                )
            )
        return told

    @property
    def _latest(self) -> Definition | None:
        return read(self.published[0].definition) if self.published else None

    def says(self, version: CampaignVersion) -> str:
        """What a version does, in words."""
        definition, programme = read(version.definition), self.campaign.programme
        types = queries.types_told([definition], programme)
        return definition_sentence(definition, queries.money_of(programme), types, self.decimals)

    def _examples(self, before: Definition | None, after: Definition) -> list[Example]:
        programme = self.campaign.programme
        cents = 10**programme.currency_decimals
        amounts = [990 * cents // 100, 4250 * cents // 100, 12000 * cents // 100]
        return examples(before, after, amounts=amounts, programme=programme, at=self.at)


def story_of(campaign: Campaign, versions: Sequence[CampaignVersion], *, units: Iterable[Unit], at: datetime) -> Story:
    """Tell a campaign from its versions, published ones newest first, and its programme's units."""
    published = [version for version in versions if version.effective_from is not None]
    return Story(
        campaign,
        at,
        published,
        next((version for version in versions if version.effective_from is None), None),
        next((version for version in published if version.effective_from and version.effective_from <= at), None),
        {unit.code: unit for unit in units},
    )
