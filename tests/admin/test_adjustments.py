"""Asking for adjustments at the desk."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ledger import services as ledger
from ledger.adjustments import Adjustment, AdjustmentLine
from members.services import enrol
from tests.admin import people
from tests.admin.two_people import ADD, decide, spendable
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of


def test_a_member_is_adjusted_by_two_people(support, approver, ada, form):
    preview = text_of(support.post(ADD, form).content)
    assert "To spend now 0 Adjustment +250 Points To spend afterwards 250" in preview
    assert "Adjusted by the shop: For your lost parcel" in preview
    assert Adjustment.objects.count() == 0

    asked = text_of(support.post(ADD, form | {"step": "ask"}, follow=True).content)
    adjustment = Adjustment.objects.get()
    assert "+250 Points open" in asked
    assert "It waits for somebody else to approve" in asked
    assert spendable(ada) == 0

    approved = text_of(decide(approver, adjustment, note="Right").content)
    assert "+250 Points approved" in approved
    assert "Approved by Avery" in approved
    assert "1 of 1 posted." in approved
    assert spendable(ada) == 250


def test_the_form_sent_twice_asks_once(support, form):
    support.post(ADD, form | {"step": "ask"})
    support.post(ADD, form | {"step": "ask"})

    assert Adjustment.objects.count() == 1


def test_the_form_begins_with_the_member_one_comes_from(support, ada):
    member_page = support.get(people.address("members.member", "change", ada.pk)).content.decode()

    assert f'href="{ADD}?member={ada.number}"' in member_page
    assert f'value="{ada.number}"' in support.get(f"{ADD}?member={ada.number}").content.decode()


def test_only_who_may_ask_is_led_to_the_form(desk, ada):
    assert ADD not in desk.get(people.address("members.member", "change", ada.pk)).content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "0"}, "Expected a number above zero such as 250."),
        ({"amount": "-5"}, "Expected a number above zero such as 250."),
        ({"amount": "1.5"}, "Expected a number above zero such as 250."),
        ({"who": "nobody"}, "Nobody in this programme is found by “nobody”."),
        ({"expiry": "day"}, "Choose a day that is not over."),
        ({"expiry": "day", "last_day": "2020-01-01"}, "Choose a day that is not over."),
        ({"wording": ""}, "This field is required."),
        ({"direction": "take", "amount": "1"}, "can spend 0 Points, and 1 Points would be taken."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_asked(wrong, said, support, form):
    answer = support.post(ADD, form | wrong | {"step": "ask"})

    assert said in text_of(answer.content)
    assert Adjustment.objects.count() == 0


def test_several_members_of_a_name_are_told_apart_by_their_numbers(support, grocer, form):
    twins = [enrol(programme=grocer, at=NOON, name="Kim Twin") for _ in range(2)]

    said = text_of(support.post(ADD, form | {"who": "Kim Twin"}).content)

    assert all(twin.number in said for twin in twins)
    assert "Type the number." in said


def test_going_back_from_the_preview_keeps_what_was_filled_in(support, form):
    answer = support.post(ADD, form | {"step": "edit"}).content.decode()

    assert 'value="250"' in answer
    assert "Ticket 4711" in answer
    assert Adjustment.objects.count() == 0


def test_a_chosen_last_day_and_never_are_kept(support, approver, grocer, form):
    day = (timezone.now() + timedelta(days=40)).date()
    support.post(ADD, form | {"expiry": "day", "last_day": day.isoformat(), "step": "ask"})
    support.post(ADD, form | {"expiry": "never", "token": "form-2", "step": "ask"})

    chosen, never = AdjustmentLine.objects.order_by("pk")
    assert chosen.expires_at is not None
    assert (chosen.expires_at - timedelta(seconds=1)).astimezone(grocer.zone).date() == day
    assert never.expires_at is None


def test_the_limit_is_said_with_what_is_used_of_it(support, ada, unit, form):
    ledger.limit_adjustments(unit_id=unit.pk, limit=300)
    assert "0 of 300, without this" in text_of(support.post(ADD, form).content)
    support.post(ADD, form | {"step": "ask"})

    refused = text_of(support.post(ADD, form | {"token": "form-2"}).content)

    assert "One person may ask for 300 Points within 24 hours. You asked for 250 Points already" in refused
    assert Adjustment.objects.count() == 1


def test_an_owner_sets_the_limit_beside_the_unit(owners_desk, unit):
    address = f"/admin/ledger/adjustment/limit/{unit.pk}/"
    assert address in owners_desk.get(people.address("ledger.unit", "change", unit.pk)).content.decode()

    owners_desk.post(address, {"limit": "1000"})
    unit.refresh_from_db()
    assert unit.adjustment_limit == 1000
    assert "Expected a number" in text_of(owners_desk.post(address, {"limit": "-1"}).content)
    owners_desk.post(address, {"limit": ""})

    unit.refresh_from_db()
    assert unit.adjustment_limit is None
