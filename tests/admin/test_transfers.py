"""Marketers say on which terms members send a unit; support sees what was sent and ends an offer that was a mistake."""

import pytest
import time_machine
from django.utils import timezone

from ledger import services as ledger
from ledger.models import Transfer, TransferTerms
from ledger.queries import unit_of
from ledger.sending import TransferRules
from ledger.transfers import stored_rules
from members import transferring
from members.models import Member
from members.transferring import Sending
from tests.admin import people
from tests.campaigns import trade
from tests.cockpit.people import earn, text_of

TOLD = {
    "is_offered": "on",
    "minimum": "10",
    "maximum": "500",
    "step": "5",
    "sent_monthly": "1000",
    "made_daily": "3",
    "received_monthly": "",
    "fee_fixed": "2",
    "fee_percent": "2.5",
    "needs_acceptance": "1",
    "days_to_accept": "7",
}
RULES = TransferRules(
    minimum=10, maximum=500, step=5, sent_monthly=1000, made_daily=3, fee_fixed=2, fee_permille=25, days_to_accept=7
)


@pytest.fixture
def points(grocer):
    return unit_of(grocer.pk, "points")


@pytest.fixture
def grace(grocer):
    return trade.a_member(grocer, "grace")


@pytest.fixture
def offer(ada, grace, points):
    """Ada's open offer of 100 points to Grace."""
    now = timezone.now()
    earn(ada, 250, at=now)
    ledger.offer_transfers(unit=points, rules=TransferRules(fee_fixed=2))
    sending = Sending(ada, grace, points, 100, "For the <b>cake</b>")
    return transferring.send(sending=sending, source="cockpit", key="1", at=now, actor="member").transfer


def page_of(unit):
    return f"/admin/ledger/unit/{unit.pk}/transfers/"


def test_the_terms_of_a_unit_are_kept_and_told(desk, points):
    answer = desk.post(page_of(points), TOLD, follow=True)

    assert stored_rules(points) == (RULES, True)
    page = text_of(answer.content)
    assert "Saved. It counts from now on; open offers keep their terms." in page
    assert "From 10 Points to 500 Points, in steps of 5 Points." in page
    assert "Fee: 2 Points and 2.5 % of the amount." in page
    assert "A member sends at most 1,000 Points in a month." in page
    assert "At most 3 transfers a day." in page
    assert "The receiver has 7 days to accept." in page


def test_the_form_shows_what_is_kept(desk, points):
    desk.post(page_of(points), TOLD)

    shown = desk.get(page_of(points)).context["form"].initial

    assert {name: str(value) for name, value in shown.items()} == TOLD | {"is_offered": "True"}


def test_a_unit_whose_terms_nobody_set_is_not_sent(desk, points):
    assert "Members can't give it to each other." in text_of(
        desk.get(f"/admin/ledger/unit/{points.pk}/change/").content
    ).replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("minimum", "", "This field is required."),
        ("minimum", "0", "It has to be more than 0."),
        ("maximum", "9", "Not less than the least."),
        ("made_daily", "0", "Ensure this value is greater than or equal to 1."),
        ("fee_percent", "2.55", "Write a number such as 2 or 2.5."),
        ("fee_percent", "-1", "Write a number such as 2 or 2.5."),
        ("fee_percent", "100.1", "At most 100 percent."),
        ("days_to_accept", "91", "Ensure this value is less than or equal to 90."),
    ],
)
def test_terms_that_make_no_sense_are_refused(field, value, said, desk, points):
    answer = desk.post(page_of(points), TOLD | {field: value})

    assert said in text_of(answer.content)
    assert not TransferTerms.objects.exists()


def test_qualifying_points_have_no_terms(desk, grocer):
    status = ledger.open_unit(programme_id=grocer.pk, code="status", name="Status", klass="QUALIFYING")

    assert desk.get(page_of(status)).status_code == 403
    assert desk.post(page_of(status), TOLD).status_code == 403
    assert "Sending it" not in text_of(desk.get(f"/admin/ledger/unit/{status.pk}/change/").content)


def test_the_list_says_who_sent_whom_how_much(support, offer, ada, grace):
    page = text_of(support.get("/admin/ledger/transfer/").content)

    assert "100 Points" in page
    assert "waits for an answer" in page
    assert "Ada" in page
    assert "Grace" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("state=offered", True),
        ("state=lapsed", False),
        ("state=done", False),
        ("when=today", True),
        ("when=last-month", False),
        ("q=Grace", True),
        ("q=nobody", False),
    ],
)
def test_the_list_is_narrowed(asked, found, support, offer):
    listed = support.get(f"/admin/ledger/transfer/?{asked}").context["cl"].result_list

    assert list(listed) == ([offer] if found else [])


def test_a_transfer_is_found_by_its_number_and_by_those_of_its_two(support, offer, ada, grace):
    for number in (offer.pk, ada.number, grace.number):
        listed = support.get(f"/admin/ledger/transfer/?q={number}").context["cl"].result_list
        assert list(listed) == [offer], number


def test_an_offer_over_is_listed_as_lapsed_before_the_night_came_by(sami, offer):
    with time_machine.travel(offer.ends_at):
        support = people.at_the_desk(sami)
        listed = {
            state: list(support.get(f"/admin/ledger/transfer/?state={state}").context["cl"].result_list)
            for state in ("lapsed", "offered")
        }
        page = text_of(support.get(people.address("ledger.transfer", "change", offer.pk)).content)

    assert listed == {"lapsed": [offer], "offered": []}
    assert "nobody answered in time" in page


def test_its_page_says_what_it_moves_and_what_the_sender_wrote(support, offer):
    page = support.get(people.address("ledger.transfer", "change", offer.pk))

    assert "It waits for the receiver" in text_of(page.content)
    assert "The receiver gets 100 Points Fee of the sender 2 Points" in text_of(page.content)
    assert "Offered by Ada" in text_of(page.content)
    assert b"&lt;b&gt;cake&lt;/b&gt;" in page.content


@pytest.mark.parametrize(("verb", "state"), [("withdraw", "WITHDRAWN"), ("decline", "DECLINED")])
def test_support_ends_an_open_offer(verb, state, support, offer):
    answer = support.post(f"/admin/ledger/transfer/{offer.pk}/{verb}/", follow=True)

    offer.refresh_from_db()
    assert (offer.state, offer.ended_by) == (state, "Sami")
    assert "The offer has ended." in text_of(answer.content)
    other = "decline" if verb == "withdraw" else "withdraw"
    again = support.post(f"/admin/ledger/transfer/{offer.pk}/{other}/", follow=True)
    assert "The offer had ended already" in text_of(again.content)


def test_a_marketer_sees_and_ends_nothing(desk, offer):
    page = desk.get(people.address("ledger.transfer", "change", offer.pk))

    assert "Withdraw it for the sender" not in text_of(page.content)
    assert desk.post(f"/admin/ledger/transfer/{offer.pk}/withdraw/").status_code == 403
    offer.refresh_from_db()
    assert offer.state == Transfer.State.OFFERED


def test_the_members_pages_lead_to_their_transfers(support, offer, ada, grace):
    pages = {
        member.pk: text_of(support.get(people.address("members.member", "change", member.pk)).content)
        for member in Member.objects.filter(pk__in=[ada.pk, grace.pk])
    }

    assert "To Grace 100 Points" in pages[ada.pk]
    assert "From Ada 100 Points" in pages[grace.pk]
