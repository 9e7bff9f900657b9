"""What can be taken now, what soon, and what is gone."""

import pytest

from rewards.models import Reward
from tests.campaigns.trade import NOON
from tests.cockpit.people import earn, signed_in, text_of
from tests.counter.people import a_reward

pytestmark = pytest.mark.usefixtures("at_noon")


def page_of(member) -> str:
    return text_of(signed_in(member).get("/me/rewards/").content)


def test_rewards_are_told_apart_by_what_the_wallet_can_pay(ada, cafe):
    a_reward(cafe, "coffee", price=300)
    a_reward(cafe, "dinner", price=900)
    a_reward(cafe, "mug", price=100, stock=0)
    earn(ada, 350, at=NOON)

    text = page_of(ada)

    assert text.index("You can take now") < text.index("Coffee 300 points") < text.index("Soon")
    assert text.index("Soon") < text.index("Dinner 900 points 550 points to go") < text.index("Sold out")
    assert text.index("Sold out") < text.index("Mug 100 points")


@pytest.mark.parametrize(("stock", "said"), [(1, True), (5, True), (6, False), (None, False)])
def test_the_last_few_pieces_are_counted(ada, cafe, stock, said):
    a_reward(cafe, "coffee", price=300, stock=stock)
    earn(ada, 350, at=NOON)

    assert (f"{stock} left" in page_of(ada)) == said


def test_what_is_not_offered_is_not_shown(ada, cafe):
    a_reward(cafe, "coffee")
    Reward.objects.update(is_offered=False)

    text = page_of(ada)

    assert "Coffee" not in text
    assert "No rewards yet" in text
