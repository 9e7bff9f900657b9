"""However many codes are guessed at once, no more than five are ever looked at."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from shops.attempts import SIGN_IN
from tests.cockpit.people import ADDRESS, ask_for_code, code_mailed_to, text_of
from tests.crowd import at_once

CONFIRM = "/accounts/login/code/confirm/"


def guess(client: Client, code: str = "BBBB-BBBB") -> str:
    return text_of(client.post(CONFIRM, {"code": code}).content)


def same_state_in_another_session(client: Client) -> Client:
    """Another browser that waits for the same code: allauth counts its wrong codes apart."""
    session = SessionStore()
    session.update(dict(client.session))
    session.save()
    twin = Client()
    twin.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return twin


@pytest.mark.usefixtures("demo", "cafe", "at_noon")
def test_the_sixth_wrong_code_is_not_looked_at_and_says_when_to_try_again(client):
    ask_for_code(client)
    browsers = [same_state_in_another_session(client) for _ in range(6)]

    answers = [guess(browser) for browser in browsers]

    assert ["That is not the code" in answer for answer in answers] == [True] * 5 + [False]
    assert "Too many wrong codes. You can try again in 15 minutes." in answers[5]


@pytest.mark.usefixtures("demo", "cafe")
def test_the_right_code_is_refused_while_locked_and_right_again_when_the_time_is_over(client, at_noon):
    ask_for_code(client)
    for _ in range(5):
        guess(same_state_in_another_session(client))

    guess(client, code_mailed_to(ADDRESS))
    assert get_user(client).is_anonymous

    at_noon.shift(SIGN_IN.window)
    ask_for_code(client)
    guess(client, code_mailed_to(ADDRESS))

    assert get_user(client).is_authenticated


@pytest.mark.usefixtures("demo", "cafe", "at_noon")
def test_others_are_not_held_up(client):
    ask_for_code(client)
    for _ in range(6):
        guess(same_state_in_another_session(client))
    other = Client()

    ask_for_code(other, "ben@example.com")
    guess(other, code_mailed_to("ben@example.com"))

    assert get_user(other).is_authenticated


@pytest.mark.usefixtures("demo", "cafe", "at_noon")
def test_a_right_code_begins_anew(client):
    ask_for_code(client)
    for _ in range(4):
        guess(same_state_in_another_session(client))
    twin = same_state_in_another_session(client)

    guess(client, code_mailed_to(ADDRESS))

    assert "That is not the code" in guess(twin)


@pytest.mark.usefixtures("demo", "cafe")
def test_after_five_wrong_codes_in_one_browser_a_new_one_has_to_be_asked_for(client, at_noon):
    ask_for_code(client)
    for _ in range(4):
        assert "That is not the code" in guess(client)

    response = client.post(CONFIRM, {"code": "BBBB-BBBB"}, follow=True)

    assert response.redirect_chain[-1][0] == "/accounts/login/"
    assert "Too many failed login attempts." in text_of(response.content)
    at_noon.shift(timedelta(minutes=1))
    assert client.get(CONFIRM).status_code == 302


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_sixty_four_guesses_at_once_five_are_looked_at(client, demo):
    ask_for_code(client)
    browsers = [same_state_in_another_session(client) for _ in range(64)]

    answers = at_once(64, lambda number: guess(browsers[number]))

    assert sum("That is not the code" in str(answer) for answer in answers) == 5
    assert sum("Too many wrong codes." in str(answer) for answer in answers) == 59
