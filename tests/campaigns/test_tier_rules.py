"""Rules that ask for a member's tier: the tier before the order, kept with its decision."""

from datetime import timedelta

import pytest

from campaigns.definitions import Definition, Multiplier, PerMoney, Rule
from campaigns.errors import DefinitionInvalid
from members.tiers import services as tiers
from members.tiers.services import Floor
from tests.campaigns.trade import NOON, a_campaign, bring_back, buy, goods, granted, taken
from tests.members.tiers.people import a_ladder, review_all

DAY = timedelta(days=1)


def earn_twice_in(tier):
    when = {"field": "tier.club", "op": "eq", "value": tier}
    return Definition(
        rules=(
            Rule(key="earn", effect=PerMoney(1, 100)),
            Rule(key="twice", effect=Multiplier(2000), when=when),
        )
    )


@pytest.fixture
def ladder(grocer, ada):
    """Green for everybody, silver and gold above."""
    ladder = a_ladder(grocer, at=NOON - 20 * DAY)
    review_all(NOON - 10 * DAY)
    return ladder


def test_points_are_doubled_for_members_of_a_tier(grocer, ada, ladder):
    a_campaign(grocer, earn_twice_in("silver"))

    before = buy(grocer, 1000, reference="before")
    tiers.override(
        member=ada, floor=Floor(ladder, "silver", NOON + 90 * DAY), reason="A late parcel", by="Sue", at=NOON + DAY
    )
    after = buy(grocer, 1000, reference="after", at=NOON + 2 * DAY)
    late = buy(grocer, 1000, reference="late", at=NOON)

    assert [granted(one) for one in (before, after, late)] == [10, 20, 10]
    assert (before.decision.known, after.decision.known) == ({"tier.club": "green"}, {"tier.club": "silver"})
    assert before.decision.rejections[0].observed == "green"


def test_a_return_goes_by_the_tier_of_the_sale(grocer, ada, ladder):
    a_campaign(grocer, earn_twice_in("green"))
    bought = buy(grocer, goods(2000, pieces=2))

    tiers.override(
        member=ada, floor=Floor(ladder, "gold", NOON + 90 * DAY), reason="A late parcel", by="Sue", at=NOON + DAY
    )

    assert (granted(bought), taken(bring_back(grocer, (1, 1), of="1", at=NOON + 2 * DAY))) == (40, 20)


@pytest.mark.parametrize("word", [{"value": "platinum"}, {"field": "tier.other"}])
def test_a_tier_or_a_ladder_that_there_is_not_is_refused(grocer, ladder, word):
    wrong = {"field": "tier.club", "op": "eq", "value": "gold"} | word

    with pytest.raises(DefinitionInvalid):
        a_campaign(grocer, Definition(rules=(Rule(key="earn", effect=PerMoney(1, 100), when=wrong),)))
