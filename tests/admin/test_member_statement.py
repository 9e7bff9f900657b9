"""A member's account statement at the desk: the one that the member sees, with a way to every posting."""

import csv
import io
from datetime import timedelta

import pytest

from tests.admin import people
from tests.admin.people import Role
from tests.campaigns import trade
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def lived(ada, standing):
    """An order of last month, and one of today."""
    trade.buy(ada.programme, 100_00, reference="1", at=NOON - timedelta(days=20))
    trade.buy(ada.programme, 12_50, reference="2", at=NOON - timedelta(hours=1))
    return ada


def page(desk, member, query=""):
    return desk.get(f"/admin/members/member/{member.pk}/statement/{query}")


def file(desk, member, query=""):
    return desk.get(f"/admin/members/member/{member.pk}/statement-file/{query}")


def test_it_begins_with_this_month_and_leads_to_the_postings(desk, lived):
    answer = page(desk, lived)

    text = text_of(answer.content)
    assert "At the beginning 100 Came in 12 Went out 0 At the end 112" in text
    assert "12 points for goods of €12.50: 1 point per whole €1.00" in text
    assert people.address("ledger.posting", "change", people.last_posting(lived).pk) in answer.content.decode()


def test_any_days_can_be_asked_for(desk, lived):
    day = (NOON - timedelta(days=20)).date()

    text = text_of(page(desk, lived, f"?since={day}&until={day}").content)

    assert "At the beginning 0 Came in 100 Went out 0 At the end 100" in text


def test_what_cannot_be_shown_is_said_at_its_field_and_the_file_leads_back_there(desk, lived):
    query = "?since=2026-03-02&until=2026-03-01"
    assert "Choose the first day or a later one." in text_of(page(desk, lived, query).content)

    response = file(desk, lived, query)

    assert response.status_code == 302
    assert "Choose the first day or a later one." in text_of(desk.get(response.headers["Location"]).content)


def test_the_file_has_a_line_for_each_movement(desk, lived):
    response = file(desk, lived)

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row[1] for row in rows] == ["kind", "OPENING", "ACCRUE", "CLOSING"]
    assert [row[4] for row in rows[1:]] == ["100", "112", "112"]


def test_the_member_s_page_leads_there(desk, lived):
    shown = desk.get(people.address("members.member", "change", lived.pk)).content.decode()

    assert f'href="/admin/members/member/{lived.pk}/statement/"' in shown


def test_it_is_only_looked_at(desk, lived):
    assert desk.post(f"/admin/members/member/{lived.pk}/statement/").status_code == 403


def test_the_statement_of_another_programme_does_not_exist(lived):
    stranger = people.at_the_desk(people.staff("Stella", Role.SUPPORT, trade.a_programme("elsewhere")))

    assert page(stranger, lived).status_code == 404
    assert file(stranger, lived).status_code == 404
