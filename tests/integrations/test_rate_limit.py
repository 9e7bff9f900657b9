"""How often a key may ask."""

from datetime import timedelta

import pytest
from django.db import connection

from integrations.services.allowance import Allowances
from integrations.services.keys import Terms
from tests.crowd import at_once
from tests.integrations.shopkeepers import NOON, a_machine, an_order


def test_every_answer_says_what_is_left(machine):
    response = machine.read("orders")

    assert response.headers["RateLimit-Policy"] == '"key";q=6000;w=60'
    assert response.headers["RateLimit"].startswith('"key";r=5999;t=')


def test_who_asks_too_often_is_told_when_to_come_back(bakery, ada):
    machine = a_machine(bakery, terms=Terms(requests_per_minute=3))

    answers = [machine.read("orders") for _ in range(4)]

    # A minute may end in between; then the first of the next one is granted too.
    refused = answers[-1] if answers[-1].status_code == 429 else machine.read("orders")
    for _ in range(3):
        refused = refused if refused.status_code == 429 else machine.read("orders")
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate_exceeded"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"] == f'"key";r=0;t={refused.headers["Retry-After"]}'


def test_a_refused_request_does_nothing(bakery, ada):
    machine = a_machine(bakery, terms=Terms(requests_per_minute=1))
    machine.read("orders")
    machine.read("orders")

    refused = [machine.send("orders", an_order(str(no))) for no in range(3)][-1]

    assert refused.status_code == 429
    assert refused.json()["facts"] == {"retry_after": int(refused.headers["Retry-After"])}


@pytest.mark.parametrize("limit", [1, 7, 100, 6000])
def test_processes_together_grant_the_limit_and_not_one_more(limit, db):
    processes = [Allowances() for _ in range(3)]

    granted = [processes[no % 3].take(key_id=1, limit=limit, at=NOON).granted for no in range(limit + limit // 10 + 10)]

    assert sum(granted) <= limit
    # What one process leased and another could have used is at most a twentieth of what was left.
    assert sum(granted) >= limit - limit // 20


def test_one_process_grants_exactly_the_limit(db):
    process = Allowances()

    granted = [process.take(key_id=1, limit=50, at=NOON) for _ in range(60)]

    assert [allowance.granted for allowance in granted] == [True] * 50 + [False] * 10
    assert [allowance.remaining for allowance in granted[:50]] == list(range(49, -1, -1))


def test_a_new_minute_begins_with_the_whole_limit(db):
    process = Allowances()
    for _ in range(5):
        process.take(key_id=1, limit=5, at=NOON)

    before = process.take(key_id=1, limit=5, at=NOON + timedelta(seconds=59))
    after = process.take(key_id=1, limit=5, at=NOON + timedelta(seconds=60))

    assert (before.granted, before.reset_seconds) == (False, 1)
    assert (after.granted, after.remaining, after.reset_seconds) == (True, 4, 60)


def test_keys_do_not_use_each_others_limit(db):
    process = Allowances()
    for _ in range(5):
        process.take(key_id=1, limit=5, at=NOON)

    assert process.take(key_id=2, limit=5, at=NOON).granted


def test_most_requests_ask_no_database(db, django_assert_max_num_queries):
    process = Allowances()

    with django_assert_max_num_queries(200):
        for _ in range(6000):
            process.take(key_id=1, limit=6000, at=NOON)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_crowd_gets_the_limit_and_not_one_more():
    processes = [Allowances() for _ in range(2)]

    def ask(number):
        return sum(processes[number % 2].take(key_id=1, limit=200, at=NOON).granted for _ in range(40))

    granted = sum(at_once(16, ask))

    assert 190 <= granted <= 200


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_counting_never_waits_for_the_disk():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'integrations_ratewindow'")

        assert cursor.fetchone() == ("u",)
