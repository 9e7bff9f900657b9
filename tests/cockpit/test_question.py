"""Nothing is spent before the member says yes."""

from datetime import timedelta

import pytest
from django.test import Client

from members.models import Member
from rewards import services as rewards
from rewards.models import Redemption
from rewards.queries import pending_confirmation
from tests.campaigns.trade import NOON
from tests.cockpit.people import a_card, earn, signed_in, text_of
from tests.counter.people import a_reward, ask_for, balance

ASKED = "/me/question/asked/"


@pytest.fixture
def asked(at_noon, cafe, ada, till):
    """Ada has 700 points, and Eva asks her for a coffee at 300."""
    a_reward(cafe, price=300)
    earn(ada, 700, at=NOON - timedelta(days=1))
    return ask_for(ada, till)


@pytest.fixture
def phone(ada):
    return signed_in(ada)


def state_of(redemption: Redemption) -> str:
    redemption.refresh_from_db()
    return redemption.state


def test_nobody_is_asked_anything_in_the_usual_case(phone, at_noon):
    response = phone.get(ASKED)

    assert response.status_code == 204
    assert response.content == b""


@pytest.mark.parametrize("address", ["/me/", "/me/history/", "/me/rewards/", "/me/question/", ASKED])
def test_the_question_names_shop_reward_price_what_is_left_and_the_number(asked, ada, phone, address):
    number = pending_confirmation(ada, at=NOON).number

    text = text_of(phone.get(address).content)

    assert "Harbour asks" in text
    assert "Coffee for 300 points?" in text
    assert "You keep 400." in text
    assert f"{number[:3]} {number[3:]}" in text


def test_yes_spends_the_points_and_says_so(asked, ada, phone):
    response = phone.post(f"/me/question/{asked.pk}/yes/", follow=True)

    assert "Enjoy! Coffee for 300 points at Harbour. You have 400 left." in text_of(response.content)
    assert state_of(asked) == Redemption.State.REDEEMED
    assert balance(ada) == 400


def test_yes_twice_spends_once(asked, ada, phone):
    for _ in range(2):
        phone.post(f"/me/question/{asked.pk}/yes/")

    assert balance(ada) == 400


def test_no_keeps_the_points_and_says_so(asked, ada, phone):
    response = phone.post(f"/me/question/{asked.pk}/no/", follow=True)

    assert "Not redeemed You keep your 300 points." in text_of(response.content)
    assert state_of(asked) == Redemption.State.VOIDED
    assert balance(ada) == 700


def test_looking_is_no_answer(asked, ada, phone):
    assert phone.get(f"/me/question/{asked.pk}/yes/").status_code == 405

    assert state_of(asked) == Redemption.State.RESERVED


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_answer_from_another_site_is_refused(asked, ada, answer):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ada.user, "allauth.account.auth_backends.AuthenticationBackend")

    response = careful.post(f"/me/question/{asked.pk}/{answer}/")

    assert response.status_code == 403
    assert "nothing was done" in text_of(response.content)
    assert state_of(asked) == Redemption.State.RESERVED


@pytest.mark.parametrize("part", ["", "yes/", "no/"])
def test_nobody_sees_or_answers_anothers_question(asked, ada, cafe, part):
    mallory = signed_in(a_card(cafe, at=NOON, email="mallory@example.com", name="Mallory"))
    ask = mallory.post if part else mallory.get

    assert ask(f"/me/question/{asked.pk}/{part}").status_code == 404
    assert mallory.get(f"{ASKED}?shown={asked.pk}").status_code == 204

    assert state_of(asked) == Redemption.State.RESERVED
    assert balance(ada) == 400


def test_a_yes_after_five_minutes_is_too_late_and_takes_nothing(asked, ada, phone, at_noon):
    at_noon.shift(timedelta(minutes=5))

    response = phone.post(f"/me/question/{asked.pk}/yes/", follow=True)

    assert "The time is over You keep your 300 points." in text_of(response.content)
    assert balance(ada, NOON + timedelta(minutes=6)) == 700


def test_a_question_on_the_screen_tells_how_the_till_closed_it(asked, ada, phone, till):
    shown = f"{ASKED}?shown={asked.pk}"
    assert phone.get(shown).headers["X-Question"] == f"{asked.pk}:asked"

    rewards.cancel(redemption_id=asked.pk, till=till, at=NOON)

    response = phone.get(shown)
    assert response.headers["X-Question"] == f"{asked.pk}:declined"
    assert "Not redeemed" in text_of(response.content)


def test_a_yes_by_the_number_read_out_is_told_on_the_screen(asked, ada, phone, till):
    number = pending_confirmation(ada, at=NOON).number

    rewards.confirm_by_number(redemption_id=asked.pk, number=number, till=till, at=NOON)

    response = phone.get(f"{ASKED}?shown={asked.pk}")
    assert response.headers["X-Question"] == f"{asked.pk}:redeemed"
    assert "Enjoy!" in text_of(response.content)


def test_a_redemption_that_was_undone_says_that_the_points_are_back(asked, ada, phone, till):
    phone.post(f"/me/question/{asked.pk}/yes/")

    rewards.undo(redemption_id=asked.pk, by=till.staff, at=NOON + timedelta(minutes=1))

    text = text_of(phone.get(f"/me/question/{asked.pk}/").content)
    assert "Undone The shop took it back, and you have your 300 points again." in text


@pytest.mark.parametrize("shown", ["x", "-1", "99999", "²"])
def test_a_strange_question_on_the_screen_is_no_question(at_noon, phone, shown):
    assert phone.get(ASKED, {"shown": shown}).status_code == 204


def test_without_scripts_there_is_a_page_to_look_at(at_noon, phone):
    assert "No shop is asking you anything" in text_of(phone.get("/me/question/").content)


def test_a_blocked_member_cannot_say_yes(asked, ada, phone):
    Member.objects.update(status=Member.Status.BLOCKED)

    assert phone.post(f"/me/question/{asked.pk}/yes/").status_code == 403
    assert state_of(asked) == Redemption.State.RESERVED
