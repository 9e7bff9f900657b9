"""Idempotency-Key: the same request gets the same answer, and happens once."""

from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import sleep

import pytest
from django.db import IntegrityError, connection, transaction

from integrations.errors import OperationInProgress
from integrations.models import StoredAnswer
from integrations.services import answers
from integrations.services.answers import Answer, Request
from ledger.queries import postings
from orders.models import Order
from tests.crowd import at_once
from tests.integrations import shopkeepers
from tests.integrations.shopkeepers import Machine, a_machine, an_order

REAL_ROWS = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_a_replay_is_the_first_answer_byte_by_byte(machine, bakery):
    first = machine.send("orders", an_order(), **{"Idempotency-Key": "k1"})

    again = machine.send("orders", an_order(), **{"Idempotency-Key": "k1"})

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert postings([bakery.pk]).count() == 1


def test_the_same_content_in_another_notation_is_the_same_request(machine):
    machine.send("orders", an_order(), **{"Idempotency-Key": "k1"})

    again = machine.send("orders", dict(reversed(an_order().items())), **{"Idempotency-Key": "k1"})

    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_key_for_another_body_is_refused_and_nothing_happens(machine):
    machine.send("orders", an_order("1"), **{"Idempotency-Key": "k1"})

    response = machine.send("orders", an_order("2"), **{"Idempotency-Key": "k1"})

    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"
    assert [order.reference for order in Order.objects.all()] == ["1"]


def test_the_key_for_another_body_of_the_same_order_is_refused_as_a_key(machine):
    machine.send("orders", an_order("1"), **{"Idempotency-Key": "k1"})

    response = machine.send("orders", an_order("1", channel="web"), **{"Idempotency-Key": "k1"})

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.get().channel == ""


def test_a_request_that_would_be_refused_by_now_gets_its_first_answer(machine, bakery):
    sent = an_order("1", shop="berlin")
    first = machine.send("orders", sent, **{"Idempotency-Key": "k1"})
    bakery.shops.update(code="hamburg")

    again = machine.send("orders", sent, **{"Idempotency-Key": "k1"})

    assert (again.status_code, again.content) == (201, first.content)


def test_a_known_order_under_a_new_key_is_answered_and_stored(machine):
    first = machine.send("orders", an_order("1"), **{"Idempotency-Key": "k1"})

    again = machine.send("orders", an_order("1"), **{"Idempotency-Key": "k2"})
    replayed = machine.send("orders", an_order("1"), **{"Idempotency-Key": "k2"})

    assert (again.status_code, replayed.status_code, again.json()) == (200, 200, first.json())
    assert "Idempotency-Replayed" not in again.headers
    assert replayed.headers["Idempotency-Replayed"] == "true"


def test_only_successes_can_be_stored(machine):
    with pytest.raises(IntegrityError, match="only a success"), transaction.atomic():
        answers.answer_once(request=Request(1, "k1", b"f" * 32), act=lambda: Answer(404, b"{}"))

    assert not StoredAnswer.objects.exists()


def test_the_key_for_another_operation_is_refused(machine):
    machine.send("orders", an_order("1"), **{"Idempotency-Key": "k1"})
    goods = {"source": "webshop", "reference": "r1", "returned_at": "2026-03-15T12:00:00Z", "order_reference": "1"}

    response = machine.send("returns", goods | {"lines": [{"line": 1, "quantity": 1}]}, **{"Idempotency-Key": "k1"})

    assert response.json()["code"] == "idempotency_key_reused"


def test_the_same_key_of_another_client_is_another_request(machine, bakery, ada):
    machine.send("orders", an_order("1"), **{"Idempotency-Key": "k1"})

    response = a_machine(bakery).send("orders", an_order("2"), **{"Idempotency-Key": "k1"})

    assert response.status_code == 201
    assert Order.objects.count() == 2


def test_a_refusal_is_not_stored_so_that_a_corrected_world_is_seen(machine):
    refused = machine.send("orders", an_order(shop="paris"), **{"Idempotency-Key": "k1"})

    corrected = machine.send("orders", an_order(), **{"Idempotency-Key": "k1"})

    assert (refused.status_code, corrected.status_code) == (422, 201)


@pytest.mark.parametrize("key", ["", "k" * 256, "two words", "ünder"])
def test_a_key_that_cannot_be_used_is_refused(key, machine):
    response = machine.send("orders", an_order(), **{"Idempotency-Key": key})

    assert response.status_code == 400
    assert response.json()["errors"][0]["header"] == "Idempotency-Key"
    assert not Order.objects.exists()


def test_an_unknown_outcome_can_be_asked_for(machine):
    unknown = machine.read("operations/k1")
    sent = machine.send("orders", an_order(), **{"Idempotency-Key": "k1"})

    known = machine.read("operations/k1")

    assert unknown.status_code == 404
    assert known.status_code == 200
    assert (known.json()["status"], known.json()["location"]) == (201, sent.headers["Location"])
    assert known.json()["body"] == sent.json()


def test_an_outcome_is_told_to_nobody_else(machine, bakery):
    machine.send("orders", an_order(), **{"Idempotency-Key": "k1"})

    response = a_machine(bakery).read("operations/k1")

    assert response.status_code == 404


def test_old_answers_are_forgotten_and_young_ones_kept(machine):
    machine.send("orders", an_order("1"), **{"Idempotency-Key": "old"})
    machine.send("orders", an_order("2"), **{"Idempotency-Key": "young"})
    now = datetime.now(UTC)
    StoredAnswer.objects.filter(key="old").update(recorded_at=now - timedelta(days=8))

    removed = answers.forget_old(at=now)

    assert removed == 1
    assert [answer.key for answer in StoredAnswer.objects.all()] == ["young"]


@pytest.fixture
def shop(transactional_db):
    bakery = shopkeepers.a_programme()
    shopkeepers.a_campaign(bakery)
    shopkeepers.a_member(bakery)
    return bakery


@REAL_ROWS
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k1"}], ids=["by reference", "by key"])
def test_ten_connections_sending_the_same_order_make_one_order_one_posting_and_equal_answers(headers, shop):
    key = a_machine(shop).key

    answered = at_once(10, lambda _: Machine(key).send("orders", an_order(), **headers))

    assert {response.content for response in answered} == {answered[0].content}
    assert {response.status_code for response in answered} <= {200, 201}
    assert Order.objects.count() == 1
    assert postings([shop.pk]).count() == 1


@REAL_ROWS
def test_the_same_key_for_two_bodies_at_once_does_one_of_them(shop):
    key = a_machine(shop).key

    answered = at_once(8, lambda no: Machine(key).send("orders", an_order(str(no % 2)), **{"Idempotency-Key": "k1"}))

    assert sorted(response.status_code for response in answered) == [201] * 4 + [422] * 4
    assert Order.objects.count() == 1


@REAL_ROWS
def test_who_waits_too_long_for_the_first_is_told_to_come_back(shop):
    machine = a_machine(shop)
    slow = Request(api_key_id=1_000_000, key="k1", fingerprint=b"f" * 32)

    def take_long() -> None:
        def act() -> Answer:
            sleep(answers.PATIENCE.total_seconds() + 3)
            return Answer(200, b"{}")

        answers.answer_once(request=slow, act=act)
        connection.close()

    first = Thread(target=take_long)
    first.start()
    sleep(1)

    with pytest.raises(OperationInProgress):
        answers.answer_once(request=slow, act=lambda: Answer(200, b"never"))

    first.join()
    assert machine.read("operations/k1").status_code == 404
    assert bytes(StoredAnswer.objects.get(api_key_id=1_000_000).body) == b"{}"


@REAL_ROWS
def test_an_order_that_waits_too_long_for_its_twin_is_told_to_come_back(shop):
    machine = a_machine(shop)
    goes_on = Event()

    def hold_back() -> None:
        with transaction.atomic():
            Order.objects.create(
                programme_id=shop.pk,
                source="webshop",
                reference="1",
                fingerprint=b"f" * 32,
                currency="EUR",
                total=1,
                lines=[],
                placed_at=shopkeepers.NOON,
            )
            held.set()
            goes_on.wait(timeout=60)
            transaction.set_rollback(True)
        connection.close()

    held = Event()
    twin = Thread(target=hold_back)
    twin.start()
    held.wait(timeout=60)
    waiting = machine.send("orders", an_order("1"), **{"Idempotency-Key": "k1"})
    goes_on.set()
    twin.join()
    later = machine.send("orders", an_order("1"), **{"Idempotency-Key": "k1"})

    assert (waiting.status_code, waiting.json()["code"]) == (409, "operation_in_progress")
    assert later.status_code == 201
    assert postings([shop.pk]).count() == 1


@REAL_ROWS
def test_who_stores_second_gives_the_first_answer_and_leaves_nothing(shop):
    request = Request(api_key_id=1_000_000, key="k1", fingerprint=b"f" * 32)

    def store_first() -> None:
        StoredAnswer.objects.create(api_key_id=1_000_000, key="k1", fingerprint=b"f" * 32, status=201, body=b"first")
        connection.close()

    def act() -> Answer:
        shop.shops.create(code="half-done", name="Half done")
        other = Thread(target=store_first)
        other.start()
        other.join()
        return Answer(201, b"second")

    answer, replayed = answers.answer_once(request=request, act=act)

    assert (answer.body, replayed) == (b"first", True)
    assert bytes(StoredAnswer.objects.get().body) == b"first"
    assert not shop.shops.filter(code="half-done").exists()


@REAL_ROWS
def test_what_cannot_be_answered_did_not_happen(shop):
    request = Request(api_key_id=1_000_000, key="k1", fingerprint=b"f" * 32)

    def act() -> Answer:
        shop.shops.create(code="half-done", name="Half done")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answers.answer_once(request=request, act=act)

    assert not StoredAnswer.objects.exists()
    assert not shop.shops.filter(code="half-done").exists()
