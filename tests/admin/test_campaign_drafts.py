"""A campaign's draft at the desk: its rules in their order, and what holds for all of them together."""

from datetime import timedelta

import pytest

from campaigns import services as campaigns
from campaigns.definitions import Combine, Count, Definition, Fixed, Limit, Multipliers, Rule
from campaigns.definitions.effects import PerMoney
from campaigns.models import Campaign
from campaigns.queries import definition_of
from tests.admin import people
from tests.admin.people import the_draft
from tests.admin.test_campaign_rules import A_MONTH, drafted, path_of, write
from tests.campaigns import trade
from tests.campaigns.trade import NOON, per_money
from tests.cockpit.people import text_of


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def desk(mara):
    return people.at_the_desk(mara)


def act(desk, campaign, page, **fields):
    draft = the_draft(campaign)
    token = draft.edited_at.isoformat() if draft else ""
    return desk.post(path_of(campaign, page), {"draft": token} | fields, follow=True)


@pytest.fixture
def three(grocer):
    limited = Rule("second", Fixed(1), limits=(A_MONTH,))
    rules = (Rule("first", per_money()), limited, Rule("third", Fixed(3), instead_of="second"))
    return trade.a_campaign(grocer, Definition(rules), key="three")


def keys(campaign):
    return [rule.key for rule in drafted(campaign).rules]


def test_rules_change_places(desk, three):
    act(desk, three, "move-rule", key="third", to="up")
    assert keys(three) == ["first", "third", "second"]

    act(desk, three, "move-rule", key="first", to="down")
    assert keys(three) == ["third", "first", "second"]

    act(desk, three, "move-rule", key="third", to="up")
    assert keys(three) == ["third", "first", "second"]


def test_a_rule_is_removed(desk, three):
    act(desk, three, "remove-rule", key="first")

    assert keys(three) == ["second", "third"]


def test_a_rule_that_another_speaks_of_stays(desk, three):
    answer = act(desk, three, "remove-rule", key="second")

    assert "“third” speaks of this rule: change that one first." in text_of(answer.content)
    assert the_draft(three) is None


def test_taking_the_limits_away_that_another_rule_stands_in_for_is_refused(desk, three):
    answer = write(desk, three, {"limit-0-most": ""}, key="second")

    assert answer.context["form"].refused == ["That doesn't go with “third”: change that first."]
    assert the_draft(three) is None


def test_the_last_rule_stays(desk, standing):
    answer = act(desk, standing, "remove-rule", key="r1")

    assert "A campaign has at least one rule." in text_of(answer.content)
    assert the_draft(standing) is None


@pytest.mark.parametrize(("page", "fields"), [("move-rule", {"to": "up"}), ("remove-rule", {})])
def test_a_draft_that_changed_meanwhile_is_not_moved_about_unseen(page, fields, desk, three):
    definition = definition_of(three.versions.get())
    campaigns.save_draft(campaign=three, definition=definition, by="Ben", at=NOON - timedelta(hours=1))

    answer = desk.post(path_of(three, page), {"draft": "", "key": "third"} | fields, follow=True)

    assert "Ben changed the draft meanwhile." in text_of(answer.content)
    assert keys(three) == ["first", "second", "third"]


def test_a_rule_that_is_gone_is_told(desk, standing):
    answer = desk.get(path_of(standing, key="gone"), follow=True)

    assert "This rule is no longer in the draft." in text_of(answer.content)


def test_all_rules_together_have_limits_and_a_way_to_multiply(desk, standing):
    limit = {"limit-0-most": "500", "limit-0-count": "units", "limit-0-per": "all", "limit-0-over": "pause"}
    fields = {"combine": "product", "most": "4", "limit-0-period": "", "limit-0-gives_back": "on"} | limit

    act(desk, standing, "change", **fields)

    together = drafted(standing)
    assert together.multipliers == Multipliers(Combine.PRODUCT, 4000)
    assert together.limits == (Limit(Count.UNITS, 500, over="pause"),)
    page = text_of(desk.get(path_of(standing, "change")).content)
    assert (
        "After: multipliers that meet are multiplied with each other; together at most 4 times the points; "
        "all rules together: at most 500 points in all"
    ) in page


@pytest.mark.parametrize(
    ("most", "complaint"), [("0.5", "At least 1."), ("101", "That is too much: at most 100."), ("x", "Write a plain")]
)
def test_a_wrong_cap_of_multipliers_is_told(most, complaint, desk, standing):
    answer = desk.post(path_of(standing, "change"), {"draft": "", "combine": "largest", "most": most})

    assert answer.context["form"].errors["most"][0].startswith(complaint)
    assert the_draft(standing) is None


def test_a_campaign_is_made_and_its_first_rule_comes_next(desk, grocer):
    fields = {"programme": grocer.pk, "name": "Cake weeks", "key": "cakes"}

    answer = desk.post("/admin/campaigns/campaign/add/", fields)

    made = Campaign.objects.get(key="cakes")
    assert (made.name, made.programme) == ("Cake weeks", grocer)
    assert drafted(made) == Definition((Rule("r1", PerMoney(1, 100)),))
    assert answer.url == path_of(made, key="r1")
    assert desk.get(answer.url).status_code == 200


def test_the_key_of_a_campaign_is_its_own(desk, grocer, standing):
    fields = {"programme": grocer.pk, "name": "Again", "key": standing.key}

    answer = desk.post("/admin/campaigns/campaign/add/", fields)

    assert answer.context["form"].errors == {"key": ["Another campaign has this key."]}
    assert Campaign.objects.count() == 1


def test_the_only_draft_of_a_campaign_is_not_thrown_away(desk, grocer):
    made = campaigns.create_campaign(
        programme=grocer, key="new", name="New", definition=trade.rules(per_money()), by="Mara", at=NOON
    )

    answer = act(desk, made, "discard")

    assert "This is the first draft: there would be nothing left of the campaign." in text_of(answer.content)
    assert the_draft(made) is not None
