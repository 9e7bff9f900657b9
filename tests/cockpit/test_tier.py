"""The tier on the card: what a member has, until when, and what is missing."""

from datetime import timedelta

import msgspec
import pytest

from members.tiers import services
from members.tiers.definitions import Tier
from members.tiers.services import Floor
from tests.campaigns.trade import NOON
from tests.cockpit.people import earn, signed_in, text_of
from tests.members.tiers.ladders import A, at_least
from tests.members.tiers.people import a_ladder, looked_at

pytestmark = pytest.mark.usefixtures("at_noon")


def home(member):
    return text_of(signed_in(member).get("/me/").content)


def test_the_card_says_the_tier_and_what_is_missing_to_the_next(cafe, ada):
    a_ladder(cafe, A)
    earn(ada, 350, at=NOON)
    looked_at(ada, at=NOON)

    page = home(ada)

    assert "Green" in page
    assert "Next: Silver 350 Points of 500 Points 150 Points more until December 31, 2026 for Silver" in page
    assert "Keep" not in page


def test_who_holds_the_highest_tier_reads_until_when_and_has_nothing_to_do(cafe, ada):
    a_ladder(cafe, A)
    earn(ada, 1000, at=NOON)
    looked_at(ada, at=NOON)

    page = home(ada)

    assert "Gold until December 31, 2027" in page
    assert "Your tier" not in page


def test_who_has_to_collect_to_keep_a_tier_reads_how_much(cafe, ada):
    a_ladder(cafe, A)
    earn(ada, 1000, at=NOON - timedelta(days=90))
    looked_at(ada, at=NOON)

    page = home(ada)

    assert "Gold until December 31, 2026" in page
    assert "Keep Gold 0 Points of 800 Points 800 Points more until December 31, 2026 to keep Gold" in page


def test_a_tier_by_hand_says_its_end_and_the_next_one(cafe, ada):
    ladder = a_ladder(cafe, A)
    services.override(member=ada, floor=Floor(ladder, "silver"), reason="A late parcel", by="Sue", at=NOON)

    page = home(ada)

    assert "Silver" in page
    assert "Next: Gold 0 Points of 1,000 Points 1,000 Points more until December 31, 2026 for Gold" in page


def test_the_bar_is_named_for_those_who_can_not_see_it(cafe, ada):
    a_ladder(cafe, A)
    earn(ada, 350, at=NOON)
    looked_at(ada, at=NOON)

    html = signed_in(ada).get("/me/").content.decode()

    assert '<progress class="meter" max="500" value="350" aria-label="Progress to Silver">' in html


def test_a_programme_without_a_ladder_says_nothing(cafe, ada):
    assert "tier" not in home(ada).lower()


def test_several_ladders_are_named(cafe, ada):
    a_ladder(cafe, A)
    a_ladder(
        cafe, msgspec.structs.replace(A, tiers=(Tier("one", "One"), Tier("two", "Two", at_least(5)))), key="visits"
    )
    looked_at(ada, at=NOON)

    page = home(ada)

    assert "Club: Green" in page
    assert "Visits: One" in page
