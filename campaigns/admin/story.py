"""A campaign told for people: what it does now, what comes, what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns import queries
from campaigns.comparing import Change, Example, changes, examples
from campaigns.definitions import Definition, read
from campaigns.models import Campaign, CampaignVersion
from campaigns.sentences import definition_sentence


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
    """`published` is newest first; `in_force` decides purchases now; `draft` waits to be published."""

    campaign: Campaign
    at: datetime
    published: list[CampaignVersion]
    draft: CampaignVersion | None
    in_force: CampaignVersion | None

    @property
    def status(self) -> str:
        if self.campaign.stopped_at:
            return "stopped"
        if self.in_force:
            return "live"
        return "scheduled" if self.published else "draft"

    @property
    def sentence(self) -> str:
        return self._says(self.in_force) if self.in_force else ""

    @property
    def draft_sentence(self) -> str:
        return self._says(self.draft) if self.draft else ""

    @property
    def editable(self) -> Definition:
        """What the form begins with: the draft, else the latest version."""
        latest = self.draft or self.published[0]
        return read(latest.definition, self._programme_id)

    @property
    def draft_changes(self) -> list[Change]:
        """What publishing the draft would change, compared with the latest version."""
        if self.draft is None:
            return []
        return changes(
            self._latest, read(self.draft.definition, self._programme_id), queries.money_of(self.campaign.programme)
        )

    @property
    def draft_examples(self) -> list[Example]:
        """Baskets before and after."""
        if self.draft is None:
            return []
        return self._examples(self._latest, read(self.draft.definition, self._programme_id))

    @property
    def examples(self) -> list[Example]:
        """Baskets as they earn now."""
        if self.in_force is None:
            return []
        current = read(self.in_force.definition, self._programme_id)
        return self._examples(current, current)

    @property
    def to_come(self) -> list["Told"]:
        """Versions that are published and have not begun, soonest first."""
        return [told for told in reversed(self.history) if told.is_to_come]

    @property
    def history(self) -> list[Told]:
        """Published versions in words, newest first."""
        money = queries.money_of(self.campaign.programme)
        told = []
        for position, version in enumerate(self.published):
            earlier = self.published[position + 1] if position + 1 < len(self.published) else None
            definition = read(version.definition, self._programme_id)
            told.append(
                Told(
                    version,
                    definition_sentence(definition, money),
                    changes(read(earlier.definition, self._programme_id), definition, money) if earlier else [],
                    version == self.in_force,
                    version.effective_from is not None and version.effective_from > self.at,
                )
            )
        return told

    @property
    def _programme_id(self) -> int:
        return self.campaign.programme_id

    @property
    def _latest(self) -> Definition | None:
        return read(self.published[0].definition, self._programme_id) if self.published else None

    def _says(self, version: CampaignVersion) -> str:
        definition = read(version.definition, self._programme_id)
        return definition_sentence(definition, queries.money_of(self.campaign.programme))

    def _examples(self, before: Definition | None, after: Definition) -> list[Example]:
        programme = self.campaign.programme
        cents = 10**programme.currency_decimals
        amounts = [990 * cents // 100, 4250 * cents // 100, 12000 * cents // 100]
        return examples(before, after, amounts=amounts, programme=programme, at=self.at)


def story_of(campaign: Campaign, versions: Sequence[CampaignVersion], *, at: datetime) -> Story:
    """Tell a campaign from its versions, published ones newest first."""
    published = [version for version in versions if version.effective_from is not None]
    return Story(
        campaign,
        at,
        published,
        next((version for version in versions if version.effective_from is None), None),
        next((version for version in published if version.effective_from and version.effective_from <= at), None),
    )
