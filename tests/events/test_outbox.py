"""The outbox: facts are written with what they are about, and handed on at least once."""

from datetime import timedelta

import pytest
from django.db import transaction

from events import outbox
from events.models import OutboxEvent
from events.outbox import Fact, OutsideTransaction, Undeclared
from events.tasks import forget_old, relay
from tests.crowd import at_once
from tests.integrations.shopkeepers import JANUARY, NOON

REAL_ROWS = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def a_fact(type_="member.claimed", number="1"):
    return Fact(1, type_, {"member": number}, NOON)


@pytest.fixture
def heard():
    """What a subscriber of these tests was handed; it is forgotten afterwards."""
    batches: list[list[int]] = []
    outbox.subscribe("tests", lambda events, _at: batches.append([event.pk for event in events]))
    yield batches
    outbox.unsubscribe("tests")


def test_facts_are_written_in_their_sequence(db):
    outbox.record([a_fact(number="1"), a_fact("member.enrolled", "2")])

    rows = OutboxEvent.objects.order_by("pk").values_list(
        "programme_id", "type", "payload", "occurred_at", "relayed_at"
    )
    assert list(rows) == [
        (1, "member.claimed", {"member": "1"}, NOON, None),
        (1, "member.enrolled", {"member": "2"}, NOON, None),
    ]


@REAL_ROWS
def test_a_fact_outside_a_transaction_is_refused():
    with pytest.raises(OutsideTransaction):
        outbox.record([a_fact()])

    assert not OutboxEvent.objects.exists()


@REAL_ROWS
def test_a_fact_vanishes_with_what_it_was_about():
    def fail() -> None:
        with transaction.atomic():
            outbox.record([a_fact()])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not OutboxEvent.objects.exists()


def test_a_fact_nobody_declared_is_refused(db):
    with pytest.raises(Undeclared, match=r"points\.lost"):
        outbox.record([a_fact(), a_fact("points.lost")])

    assert not OutboxEvent.objects.exists()


def test_no_facts_are_no_statement(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        outbox.record([])


def test_waiting_facts_are_handed_on_once_and_oldest_first(db, heard):
    outbox.record([a_fact() for _ in range(5)])
    ids = list(OutboxEvent.objects.order_by("pk").values_list("pk", flat=True))

    handed = [outbox.relay_batch(at=NOON, limit=3) for _ in range(3)]

    assert handed == [3, 2, 0]
    assert heard == [ids[:3], ids[3:]]
    assert set(OutboxEvent.objects.values_list("relayed_at", flat=True)) == {NOON}


def test_a_batch_whose_subscriber_fails_is_handed_on_again(db, heard):
    outbox.record([a_fact()])

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    outbox.subscribe("broken", fail)
    with pytest.raises(ZeroDivisionError):
        outbox.relay_batch(at=NOON)
    outbox.unsubscribe("broken")

    assert outbox.relay_batch(at=NOON) == 1
    assert OutboxEvent.objects.get().relayed_at == NOON


def test_the_task_hands_on_until_nothing_waits(db, heard):
    outbox.record([a_fact() for _ in range(1201)])

    assert relay() == 1201
    assert [len(batch) for batch in heard] == [500, 500, 201]


def test_old_facts_are_forgotten_and_waiting_ones_never(db):
    outbox.record([a_fact(), a_fact()])
    first, waiting = OutboxEvent.objects.order_by("pk")
    OutboxEvent.objects.filter(pk=first.pk).update(relayed_at=JANUARY)

    removed = outbox.forget_relayed(at=JANUARY + outbox.KEPT_FOR + timedelta(seconds=1))

    assert removed == 1
    assert list(OutboxEvent.objects.all()) == [waiting]
    assert forget_old() == 0


@REAL_ROWS
def test_two_relays_at_once_take_different_facts(heard):
    with transaction.atomic():
        outbox.record([a_fact() for _ in range(400)])

    at_once(4, lambda _: [outbox.relay_batch(at=NOON, limit=50) for _ in range(10)])

    handed = [event_id for batch in heard for event_id in batch]
    assert len(handed) == len(set(handed)) == 400
