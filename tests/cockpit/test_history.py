"""Every row of the history says why."""

from datetime import timedelta

import pytest

from members.models import Member
from rewards import services as rewards
from tests.campaigns.happenings import a_type, happen
from tests.campaigns.happenings import rewards as rewards_for
from tests.campaigns.trade import NOON, a_campaign, bring_back, buy, spend
from tests.cockpit.people import a_card, earn, signed_in, text_of
from tests.counter.people import a_reward, ask_for

pytestmark = pytest.mark.usefixtures("at_noon")
EARLIER = NOON - timedelta(hours=3)


@pytest.fixture
def ada(cafe, ada):
    """Known to the till as "ada"."""
    ada.identifiers.create(programme=cafe, source="till", external_id="ada")
    return ada


def history(member: Member, page: int = 1) -> str:
    return text_of(signed_in(member).get(f"/me/history/?page={page}").content)


def test_an_earning_says_the_goods_the_rule_and_until_when(ada, cafe):
    buy(cafe, 1250, at=EARLIER)

    text = history(ada)

    assert "Earned 10 a.m. 12 points for goods of €12.50: 1 point per whole €1.00" in text
    assert "Can be spent until March 2, 2027." in text
    assert "+12" in text


def test_a_redemption_says_what_for(ada, cafe, till):
    a_reward(cafe, price=300)
    earn(ada, 700, at=EARLIER)
    rewards.confirm(redemption_id=ask_for(ada, till).pk, member=ada, at=NOON)

    text = history(ada)

    assert "Spent on Coffee." in text
    assert "−300" in text  # noqa: RUF001  # a real minus


def test_a_redemption_that_was_undone_is_marked_and_given_back(ada, cafe, till):
    a_reward(cafe, price=300)
    earn(ada, 700, at=EARLIER)
    redemption = rewards.confirm(redemption_id=ask_for(ada, till).pk, member=ada, at=NOON)
    rewards.undo(redemption_id=redemption.pk, by=till.staff, at=NOON)

    text = history(ada)

    assert "Spent 1 p.m. undone Spent on Coffee." in text
    assert "Given back because Coffee was undone." in text


@pytest.mark.parametrize(("brought_back", "mark"), [(1, "5 points taken back"), (2, "taken back")])
def test_an_earning_whose_goods_came_back_is_marked(ada, cafe, brought_back, mark):
    buy(cafe, 500, 500, at=EARLIER)
    for number in range(1, brought_back + 1):
        bring_back(cafe, (1, number), of="1", at=NOON, reference=f"R{number}")

    text = history(ada)

    assert f"Earned 10 a.m. {mark} 10 points for goods" in text
    assert "Taken back because goods of order 1 came back (return R1)." in text


def test_points_that_are_not_available_yet_say_from_when(ada):
    earn(ada, 40, at=EARLIER, from_=NOON + timedelta(days=2))

    assert "available from March 4, 2026" in history(ada)


def test_a_debt_is_marked_as_one(ada, cafe):
    buy(cafe, 1000, at=EARLIER)
    spend(ada, 10, at=EARLIER)
    bring_back(cafe, (1, 1), of="1", at=NOON)

    assert "to be paid back" in history(ada)


def test_days_are_those_of_the_programmes_zone(ada):
    # 23:30 UTC of 28 February is 1 March in Berlin, yesterday at noon of 2 March.
    earn(ada, 1, at=NOON - timedelta(days=1, hours=12, minutes=30))
    earn(ada, 2, at=EARLIER)
    earn(ada, 3, at=NOON - timedelta(days=5))

    text = history(ada)

    assert text.index("Today") < text.index("+2") < text.index("Yesterday") < text.index("+1")
    assert text.index("+1") < text.index("February 25, 2026") < text.index("+3")


def test_twenty_rows_stand_on_a_page_newest_first(ada):
    for points in range(1, 22):
        earn(ada, points, at=NOON - timedelta(minutes=60 - points))

    first, second = history(ada), history(ada, page=2)

    assert "Page 1 of 2" in first
    assert "+21" in first
    assert "+2 " in first
    assert " +1 " not in first
    assert " +1 " in second


def test_an_empty_history_says_what_to_do_next(ada):
    text = history(ada)

    assert "Your story begins at the till" in text
    assert "Show my code" in text


def test_nobody_sees_anothers_rows(ada, cafe):
    earn(a_card(cafe, at=NOON, email="mallory@example.com"), 999, at=EARLIER)

    assert "999" not in history(ada)


def test_what_a_check_in_earned_says_so(ada, cafe):
    a_type(cafe)
    a_campaign(cafe, rewards_for(), key="moments")
    happen(cafe, at=EARLIER)

    text = history(ada)

    assert "Earned 10 a.m. Earned for a check-in: 5 points (version 1). Can be spent until March 2, 2027." in text
    assert "+5" in text
