"""API keys: who may come in, and what they may do there."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from integrations.errors import KeyInvalid
from integrations.models import ApiKey, Scope
from integrations.services.keys import Callers, Terms, issue_key, recognise, revoke_key
from ledger.queries import postings
from orders.models import Order
from shops.models import Programme
from tests.integrations.shopkeepers import NOON, Machine, a_campaign, a_machine, a_member, a_programme, an_order


def a_key(programme, *, at=NOON, **terms):
    return issue_key(
        programme=programme, name="Till", scopes=[Scope.ORDERS_READ], by="Eva", at=at, terms=Terms(**terms)
    )


@pytest.mark.parametrize(("mode", "begins"), [("LIVE", "sk_live_"), ("SANDBOX", "sk_test_")])
def test_a_key_says_for_which_mode_it_is(mode, begins, db):
    key, text = a_key(a_programme(mode=Programme.Mode(mode)))

    assert text.startswith(begins)
    assert text.startswith(key.prefix)
    assert len(key.prefix) == len(begins) + 6


def test_the_key_itself_is_stored_nowhere(bakery):
    _, text = a_key(bakery)

    stored = repr(ApiKey.objects.values_list().get())
    assert text not in stored
    assert text[-20:] not in stored


def test_a_key_is_recognised_with_its_programme_and_scopes(bakery):
    key, text = a_key(bakery)

    caller = recognise(text, at=NOON)

    assert (caller.key_id, caller.programme, caller.scopes) == (key.pk, bakery, frozenset({"orders:read"}))
    assert caller.programme.zone.key == "Europe/Berlin"
    assert caller.actor == f"key:{key.prefix}"


def test_use_is_noted_once_a_minute(bakery):
    key, text = a_key(bakery)

    for seconds in (0, 30, 59, 61):
        recognise(text, at=NOON + timedelta(seconds=seconds))
        key.refresh_from_db()
        noted = 61 if seconds == 61 else 0
        assert key.last_used_at == NOON + timedelta(seconds=noted)


@pytest.mark.parametrize("days_later", [30, 31])
def test_a_key_ends_when_its_time_is_over(days_later, bakery):
    _, text = a_key(bakery, life=timedelta(days=30))

    with pytest.raises(KeyInvalid):
        recognise(text, at=NOON + timedelta(days=days_later))


def test_no_key_lives_longer_than_a_year(bakery):
    key, _ = a_key(bakery, life=timedelta(days=4000))

    assert key.expires_at - key.created_at == timedelta(days=366)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiKey.objects.update(expires_at=NOON + timedelta(days=367))


def test_a_revoked_key_is_refused_at_its_next_request(machine):
    before = machine.read("orders")
    revoke_key(key=ApiKey.objects.get(), by="Eva", at=datetime.now(UTC))

    after = machine.read("orders")

    assert (before.status_code, after.status_code) == (200, 401)
    assert after.json()["code"] == "key_invalid"
    assert after.headers["WWW-Authenticate"] == 'Bearer realm="Laurel API"'


def test_a_key_that_sent_orders_a_moment_ago_sends_none_after_it_was_revoked(machine, bakery):
    before = machine.send("orders", an_order("1"))
    revoke_key(key=ApiKey.objects.get(), by="Eva", at=datetime.now(UTC))

    for headers in ({}, {"Idempotency-Key": "k1"}):
        after = machine.send("orders", an_order("2"), **headers)
        assert (before.status_code, after.status_code, after.json()["code"]) == (201, 401, "key_invalid")
        assert after.headers["WWW-Authenticate"] == 'Bearer realm="Laurel API"'

    assert [order.reference for order in Order.objects.all()] == ["1"]
    assert postings([bakery.pk]).count() == 1


def test_a_caller_is_remembered_for_a_second(bakery, django_assert_num_queries):
    key, text = a_key(bakery)
    callers = Callers()
    first = callers.recognise(text, at=NOON)
    ApiKey.objects.update(requests_per_minute=7)

    with django_assert_num_queries(0):
        again = callers.recognise(text, at=NOON + timedelta(seconds=0.999))
    later = callers.recognise(text, at=NOON + timedelta(seconds=1))

    assert first.key_id == key.pk
    assert [caller.requests_per_minute for caller in (first, again, later)] == [6000, 6000, 7]


def test_nobody_is_remembered_beyond_the_end_of_the_key(bakery):
    _, text = a_key(bakery, life=timedelta(days=30))
    callers = Callers()
    end = NOON + timedelta(days=30)
    callers.recognise(text, at=end - timedelta(seconds=0.5))

    with pytest.raises(KeyInvalid):
        callers.recognise(text, at=end)


def test_who_was_refused_is_not_remembered(bakery):
    key, text = a_key(bakery)
    callers = Callers()
    revoke_key(key=key, by="Eva", at=NOON)
    with pytest.raises(KeyInvalid):
        callers.recognise(text, at=NOON)
    ApiKey.objects.update(revoked_at=None, revoked_by="")

    assert callers.recognise(text, at=NOON).key_id == key.pk


def test_the_first_to_revoke_is_remembered(bakery):
    key, _ = a_key(bakery)

    revoke_key(key=key, by="Eva", at=NOON)
    revoke_key(key=key, by="Bob", at=NOON + timedelta(hours=1))

    key.refresh_from_db()
    assert (key.revoked_by, key.revoked_at) == ("Eva", NOON)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "key_missing"),
        ("Basic YWRhOnNlY3JldA==", "key_missing"),
        ("Bearer", "key_invalid"),
        ("Bearer sk_live_made_up", "key_invalid"),
    ],
)
def test_without_a_key_nothing_is_answered(header, code, client, bakery):
    response = client.get("/api/v1/orders", headers={"Authorization": header} if header else {})

    assert response.status_code == 401
    assert response.json()["code"] == code


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        (Scope.ORDERS_READ, "orders"),
        (Scope.MEMBERS_READ, "members"),
        (Scope.WEBHOOKS, "webhooks"),
    ],
)
def test_a_key_does_what_its_scopes_allow_and_nothing_else(scope, path, bakery):
    allowed = a_machine(bakery, scope).read(path)
    others = a_machine(bakery, *(set(Scope) - {scope})).read(path)

    assert allowed.status_code == 200
    assert others.status_code == 403
    assert others.json()["code"] == "scope_missing"
    assert others.json()["facts"] == {"scope": scope.value}


def test_a_key_that_reads_may_not_write(bakery, ada):
    response = a_machine(bakery, Scope.ORDERS_READ).send("orders", an_order())

    assert response.status_code == 403
    assert not Order.objects.exists()


def test_what_belongs_to_another_programme_looks_unknown(machine, ada):
    order = machine.send("orders", an_order()).json()
    posting = order["earned"][0]["posting"]
    hook = machine.send("webhooks", {"url": "https://example.com/hook"}).json()
    florist = a_programme("florist")
    a_campaign(florist)
    a_member(florist)
    stranger = a_machine(florist)

    answers = [
        stranger.read(path)
        for path in (
            f"orders/{order['id']}",
            f"members/{ada.number}/wallet",
            f"postings/{posting}/explanation",
            f"webhooks/{hook['id']}",
            f"webhooks/{hook['id']}/secret",
            f"webhooks/{hook['id']}/deliveries",
        )
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert stranger.read("orders").json()["results"] == []
    assert ada.number not in stranger.read("members").content.decode()
    assert stranger.delete(f"/api/v1/webhooks/{hook['id']}").status_code == 404
    assert machine.read(f"webhooks/{hook['id']}").status_code == 200


def test_the_same_reference_in_two_programmes_is_two_orders(machine, bakery):
    florist = a_programme("florist")
    a_campaign(florist)
    a_member(florist)

    answers = [machine.send("orders", an_order()), a_machine(florist).send("orders", an_order())]

    assert [answer.status_code for answer in answers] == [201, 201]


def test_a_key_is_made_on_the_command_line(bakery, ada, capsys):
    call_command("create_api_key", programme="bakery", name="Web shop", scope=["orders:read"], days=7)

    printed = capsys.readouterr()
    assert "Web shop may orders:read in Bakery until" in printed.err
    assert Machine(printed.out.strip()).read("orders").status_code == 200


def test_the_command_names_the_programmes_there_are(bakery):
    with pytest.raises(CommandError, match=r"There is no programme 'florist'; there are: bakery\."):
        call_command("create_api_key", programme="florist", name="Web shop")


def test_a_key_sent_in_the_open_is_refused(machine, settings):
    settings.SECURE_SSL_REDIRECT = True

    response = machine.read("orders")

    assert response.status_code == 403
    assert response.json()["code"] == "https_required"
