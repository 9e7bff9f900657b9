"""A new programme with all it needs to earn: composed here, as books and campaigns stand above the shops' room."""

from datetime import datetime

from django.db import transaction

from campaigns import services as campaigns
from campaigns.definitions import Definition, PerMoney, Rule
from campaigns.models import Campaign
from ledger import services as ledger
from shops import services as shops
from shops.models import Programme

STANDING_CAMPAIGN = "points"


@transaction.atomic
def found_programme(  # noqa: PLR0913 -- everything a programme is told once
    *, key: str, name: str, time_zone: str, currency: str, by: str, at: datetime, earning_since: datetime | None = None
) -> Programme:
    """
    Make a programme that gives 1 point per whole unit of its currency, points expiring after 365 days.

    `earning_since` is when the standing campaign begins (default: `at`); an earlier day lets an imported history earn.

    :raises ProgrammeExists: if the key is taken
    """
    programme = shops.create_programme(key=key, name=name, time_zone=time_zone, currency=currency)
    ledger.open_programme_books(programme_id=programme.pk)
    publish_standing_campaign(programme=programme, by=by, at=at, effective_from=earning_since)
    return programme


def publish_standing_campaign(
    *, programme: Programme, by: str, at: datetime, effective_from: datetime | None
) -> Campaign:
    """Give a programme the campaign "Points" that never ends: 1 point per whole unit of money."""
    per_whole_unit = PerMoney(units=1, per=10**programme.currency_decimals)
    campaign = campaigns.create_campaign(
        programme=programme,
        key=STANDING_CAMPAIGN,
        name="Points",
        definition=Definition(rules=(Rule(key="base", effect=per_whole_unit),)),
        by=by,
        at=at,
    )
    campaigns.publish_draft(campaign=campaign, by=by, at=at, effective_from=effective_from)
    return campaign
