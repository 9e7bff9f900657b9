"""The account statement: any days, on a page to read and print, and as a file."""

import csv
import io
from datetime import timedelta

import pytest

from ledger.services import open_unit
from tests.campaigns.trade import NOON, buy
from tests.cockpit.people import a_card, earn, signed_in, text_of

pytestmark = pytest.mark.usefixtures("at_noon")
TODAY = NOON.date()


@pytest.fixture
def ada(cafe, ada):
    """Known to the till as "ada", with points of three months."""
    ada.identifiers.create(programme=cafe, source="till", external_id="ada")
    earn(ada, 1000, at=NOON - timedelta(days=40))
    buy(cafe, 1250, at=NOON - timedelta(hours=1))
    return ada


def page(member, query=""):
    return signed_in(member).get(f"/me/statement/{query}")


def file(member, query=""):
    return signed_in(member).get(f"/me/statement/file/{query}")


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_without_a_wish_it_is_this_month_so_far(ada):
    text = text_of(page(ada).content)

    assert "March 1, 2026 to March 2, 2026" in text
    assert "At the beginning 1,000 Came in 12 Went out 0 At the end 1,012" in text
    assert "12 points for goods of €12.50: 1 point per whole €1.00" in text
    assert "+12 1,012" in text
    assert ada.number in text


def test_any_days_can_be_asked_for_and_the_last_is_included(ada):
    day = (NOON - timedelta(days=40)).date()

    text = text_of(page(ada, f"?since={day}&until={day}").content)

    assert "At the beginning 0 Came in 1,000 Went out 0 At the end 1,000" in text


def test_a_time_in_which_nothing_moved_says_so(ada):
    text = text_of(page(ada, "?since=2025-01-01&until=2025-01-31").content)

    assert "Nothing moved in this time. Choose other days above." in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?since=2026-03-02&until=2026-03-01", "Choose the first day or a later one."),
        ("?since=yesterday", "Enter a valid date."),
        ("?until=9999-12-31", "Choose an earlier day."),
        ("?since=0001-01-01", "Choose a later day."),
        ("?unit=gold", "Select a valid choice. gold is not one of the available choices."),
    ],
)
def test_what_cannot_be_shown_is_said_at_its_field_and_the_file_leads_back_there(ada, query, said):
    assert said in text_of(page(ada, query).content)

    response = file(ada, query)

    assert response.status_code == 302
    assert said in text_of(signed_in(ada).get(response.headers["Location"]).content)


def test_the_file_has_a_line_for_each_movement_between_opening_and_closing(ada):
    response = file(ada, "?since=2026-03-01&until=2026-03-02")

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="cafe-2026-03-01-2026-03-02.csv"'
    head, opening, movement, closing = rows_of(response)
    assert head == ["happened_at", "kind", "posting", "amount", "balance", "why"]
    assert opening == ["2026-03-01T00:00:00+01:00", "OPENING", "", "", "1000", ""]
    assert movement[:2] == ["2026-03-02T12:00:00+01:00", "ACCRUE"]
    assert movement[3:5] == ["12", "1012"]
    assert movement[5].startswith("12 points for goods of €12.50")
    assert closing == ["2026-03-03T00:00:00+01:00", "CLOSING", "", "", "1012", ""]


def test_each_unit_has_its_own_statement(ada, cafe):
    open_unit(programme_id=cafe.pk, code="credit", name="Credit", decimals=2)

    points, credit = text_of(page(ada).content), text_of(page(ada, "?unit=credit").content)

    assert "At the end 1,012" in points
    assert "At the end 0" in credit


def test_nobody_sees_the_statement_of_another(ada, cafe):
    grace = a_card(cafe, at=NOON, email="grace@example.com", name="Grace")

    assert "At the end 0" in text_of(page(grace).content)
    assert [row[4] for row in rows_of(file(grace))[1:]] == ["0", "0"]


@pytest.mark.parametrize("address", ["/me/statement/", "/me/statement/file/"])
def test_a_stranger_is_asked_to_sign_in(client, cafe, address):
    response = client.get(address)

    assert response.status_code == 302
    assert "/sign-in/" in response.headers["Location"] or "login" in response.headers["Location"]
