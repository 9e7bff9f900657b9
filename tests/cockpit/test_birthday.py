"""The birthday is asked for where something depends on it, and nowhere else."""

import pytest

from ledger.policies import BirthMonth, Policy
from ledger.queries import unit_of
from tests.cockpit.people import signed_in, text_of
from tests.ledger import books

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def by_birthday(cafe):
    books.says(unit_of(cafe.pk, "points"), Policy(BirthMonth(3)))


def home(member):
    return text_of(signed_in(member).get("/me/").content)


def tell(member, day, month):
    return text_of(signed_in(member).post("/me/birthday/", {"day": day, "month": month}, follow=True).content)


def test_the_card_asks_where_points_live_by_it(ada, by_birthday):
    assert "When is your birthday? Your points live until the end of that month" in home(ada)


def test_nobody_is_asked_where_nothing_depends_on_it(ada):
    assert "birthday" not in home(ada)
    assert signed_in(ada).get("/me/birthday/").status_code == 404


def test_it_is_told_once_and_asked_no_more(ada, by_birthday):
    said = tell(ada, 17, 5)

    ada.refresh_from_db()
    assert "Noted. What you earn from now on lives by it." in said
    assert "17 May" in said
    assert (ada.birth_day, ada.birth_month) == (17, 5)
    assert "When is your birthday?" not in home(ada)


@pytest.mark.parametrize(
    ("day", "month", "said"),
    [(30, 2, "This month has no such day."), (1, 13, "Select a valid choice."), ("", 5, "This field is required.")],
)
def test_what_is_no_day_is_said_at_its_field(day, month, said, ada, by_birthday):
    assert said in tell(ada, day, month)

    ada.refresh_from_db()
    assert ada.birth_month is None


def test_another_one_soon_after_is_refused_with_the_day_from_which_it_can_be(ada, by_birthday):
    tell(ada, 17, 5)

    said = tell(ada, 18, 6)

    ada.refresh_from_db()
    assert "You told it less than a year ago. You can change it from March 2, 2027 on." in said
    assert ada.birth_month == 5
