"""Deciding on adjustments at the desk."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ledger import services as ledger
from ledger.adjustments import Adjustment
from members import adjusting
from shops.desk import confirming
from tests.admin import people
from tests.admin.people import Role
from tests.admin.two_people import LIST, decide, page, spendable
from tests.campaigns import trade
from tests.cockpit.people import text_of


def test_the_list_shows_what_waits_and_for_whom(support, approver, request_of_sami):
    waiting = text_of(approver.get(LIST).content)
    own = text_of(support.get(LIST).content)

    assert "1 request waits for your decision." in waiting
    assert "+250 Points" in waiting
    assert "waits for your decision" not in own
    assert "Many members from a file" in own
    assert "Many members from a file" not in waiting


def test_who_may_decide_sees_in_the_menu_how_many_wait(approver, support, request_of_sami):
    assert "Adjustments 1" in text_of(approver.get(LIST).content)
    assert "Adjustments 1" not in text_of(support.get(LIST).content)


@pytest.fixture
def one_of_each(ada, sami, avery):
    """Requests by their state now."""
    now = timezone.now()
    rows = {name: people.an_adjustment(ada, by=sami, at=now) for name in ("open", "withdrawn", "approved")}
    rows["lapsed"] = people.an_adjustment(ada, by=sami, at=now - timedelta(days=7))
    ledger.withdraw_adjustment(adjustment_id=rows["withdrawn"].pk, by_id=sami.pk, at=now)
    digest = bytes(rows["approved"].payload_sha256)
    adjusting.approve(adjustment=rows["approved"], payload_sha256=digest, by=avery, at=now)
    return rows


@pytest.mark.parametrize("state", ["open", "lapsed", "withdrawn", "approved"])
def test_the_list_narrows_by_what_can_be_done_now(state, support, one_of_each):
    found = support.get(LIST, {"state": state}).context["cl"].result_list

    assert [row.pk for row in found] == [one_of_each[state].pk]


def test_who_decides_sees_what_it_does_and_what_else_was_asked(approver, ada, sami, request_of_sami):
    people.an_adjustment(ada, 70, by=sami, at=timezone.now())

    shown = page(approver, request_of_sami)

    assert f"{ada.number}" in shown
    assert "never expire +250 0 → afterwards 250" in shown
    assert "by the same for this member 2 320 0" in shown
    assert bytes(request_of_sami.payload_sha256).hex()[:12] in shown


def test_a_wrong_password_decides_nothing(approver, ada, request_of_sami):
    answer = decide(approver, request_of_sami, password="wrong")

    assert "This is not your password." in text_of(answer.content)
    assert spendable(ada) == 0


def test_tries_of_the_password_are_limited(approver, ada, request_of_sami):
    for _ in range(5):
        decide(approver, request_of_sami, password="wrong")

    answer = decide(approver, request_of_sami)

    assert "Too many tries." in text_of(answer.content)
    assert spendable(ada) == 0


def test_the_password_is_asked_once_in_five_minutes(approver, ada, sami, request_of_sami):
    other = people.an_adjustment(ada, 70, by=sami, at=timezone.now())
    decide(approver, request_of_sami)

    assert "Your password" not in page(approver, other)
    decide(approver, other, password="")
    assert spendable(ada) == 320

    session = approver.session
    session["confirmed_at"] = (timezone.now() - confirming.KEPT_FOR).isoformat()
    session.save()
    assert "Your password" in page(approver, people.an_adjustment(ada, 70, by=sami, at=timezone.now()))


def test_a_rejection_says_why(approver, support, ada, request_of_sami):
    assert "Say why" in text_of(decide(approver, request_of_sami, "reject").content)
    decide(approver, request_of_sami, "reject", note="Paid twice already")

    shown = page(support, request_of_sami)
    assert "+250 Points rejected" in shown
    assert "Rejected by Avery" in shown
    assert "Paid twice already" in shown
    assert spendable(ada) == 0


def test_who_asked_withdraws_and_nobody_else_can(support, grocer, request_of_sami):
    other = people.at_the_desk(people.staff("Sol", Role.SUPPORT, grocer))
    address = people.address("ledger.adjustment", "withdraw", request_of_sami.pk)

    other.post(address)
    assert Adjustment.objects.get().state == "OPEN"
    support.post(address)

    assert "+250 Points withdrawn" in page(support, request_of_sami)


def test_a_lapsed_request_can_be_looked_at_only(approver, ada, sami):
    lapsed = people.an_adjustment(ada, by=sami, at=timezone.now() - timedelta(days=7))

    shown = page(approver, lapsed)
    answer = text_of(decide(approver, lapsed).content)

    assert "Lapsed: nobody decided in time" in shown
    assert "Your decision" not in shown
    assert "It is lapsed: there is nothing to decide any more." in answer
    assert spendable(ada) == 0


def test_points_spent_before_the_approval_are_not_taken(approver, sami, ada, standing):
    trade.buy(ada.programme, 100_00, at=timezone.now() - timedelta(days=1))
    taking = people.an_adjustment(ada, -80, by=sami, at=timezone.now())
    trade.spend(ada, 40, at=timezone.now())

    answer = text_of(decide(approver, taking).content)

    assert f"Member {ada.number} can spend 60 Points, and 80 Points would be taken." in answer
    assert Adjustment.objects.get(pk=taking.pk).state == "OPEN"
    assert spendable(ada) == 60
