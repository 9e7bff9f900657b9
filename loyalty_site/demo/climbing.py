"""The tiers of the demo: green for everybody, silver, gold and laurel by what was spent within twelve months."""

from datetime import datetime

from loyalty_site.demo import people
from members.tiers import services
from members.tiers.definitions import Definition, Lasting, Milestone, Quota, Requirement, Rolling, Tier
from shops.models import Programme


def climb(programme: Programme, *, at: datetime) -> None:
    """Publish a ladder and let everybody stand on it."""
    definition = Definition(
        (
            Tier("green", "Green"),
            Tier("silver", "Silver", _spent(200_00), _spent(150_00)),
            Tier("gold", "Gold", _spent(600_00), _spent(450_00)),
            Tier("laurel", "Laurel", _spent(1500_00), _spent(1200_00)),
        ),
        Rolling(12),
        Lasting(12, to_month_end=True),
        milestones=(Milestone("every-25", "25 orders", "orders", 25, repeats=True, over_all_time=True),),
    )
    ladder = services.create_ladder(
        programme=programme, key="club", name="Coffee Club", definition=definition, by=people.MARKETER.name, at=at
    )
    services.publish_draft(ladder=ladder, by=people.MARKETER.name, at=at)
    while services.review_next_of_new_versions(at=at):
        pass


def _spent(minor: int) -> Requirement:
    return Requirement(any_of=(Quota("spent", minor),))
