"""Seals: what was posted by a closed day is hashed, exactly and once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from events.models import OutboxEvent
from ledger import services as ledger
from ledger.models import Entry, LotUse, Posting, Seal, Sealing
from ledger.seals import is_known
from ledger.services import SealStep
from ledger.tasks import seal_closed_days
from tests.crowd import at_once
from tests.ledger import books
from tests.ledger.sealing import (
    a_lived_in_wallet,
    all_rows,
    another_session,
    as_json,
    found,
    new_names,
    replaced,
    seal_all,
    tomorrow,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def lived_in(unit):
    return a_lived_in_wallet(unit)


def test_a_closed_day_is_sealed_step_by_step(lived_in, programme):
    steps = seal_all(tomorrow())

    assert steps == [SealStep.ANNOUNCED, SealStep.SEALED, SealStep.NOTHING]
    seal = Seal.objects.get()
    assert (seal.programme_id, seal.number, bytes(seal.previous)) == (programme.pk, 1, b"")
    assert seal.rows == Posting.objects.count() + Entry.objects.count() + LotUse.objects.count()
    assert len(bytes(seal.hash)) == 32
    assert found() == []


def test_what_was_posted_today_is_not_sealed_yet(lived_in):
    assert seal_all(datetime.now(UTC)) == [SealStep.NOTHING]
    assert Sealing.objects.count() == 0


def test_the_day_is_closed_a_quarter_of_an_hour_after_midnight(lived_in):
    midnight = tomorrow().replace(hour=0, minute=0, second=0, microsecond=0)

    assert ledger.seal_next(at=midnight + timedelta(minutes=14, seconds=59)) == SealStep.NOTHING
    assert ledger.seal_next(at=midnight + timedelta(minutes=15)) == SealStep.ANNOUNCED


def test_seals_of_a_programme_are_a_chain(lived_in):
    seal_all(tomorrow())
    lived_in.earn(5)

    seal_all(tomorrow(2))

    first, second = Seal.objects.order_by("number")
    assert (second.number, bytes(second.previous), second.rows) == (2, bytes(first.hash), 3)
    assert found() == []


def test_each_programme_has_its_own_chain(lived_in, programme):
    other = books.a_wallet(books.a_unit(books.a_programme("grocer")), 70)

    seal_all(tomorrow())

    assert Counter(Seal.objects.values_list("programme_id", "number")) == {
        (programme.pk, 1): 1,
        (other.programme_id, 1): 1,
    }
    assert found() == []


def test_a_late_run_takes_all_days_and_a_long_one_comes_in_pieces(lived_in):
    steps = seal_all(tomorrow(9), postings=20)

    assert steps.count(SealStep.SEALED) == Seal.objects.count() > 2
    assert found() == []
    covered = sum(Seal.objects.values_list("rows", flat=True))
    assert covered == Posting.objects.count() + Entry.objects.count() + LotUse.objects.count()


def test_a_second_run_seals_nothing(lived_in):
    seal_all(tomorrow())
    before = list(Seal.objects.values())

    assert seal_all(tomorrow()) == [SealStep.NOTHING]
    assert list(Seal.objects.values()) == before


def test_many_workers_seal_once(lived_in):
    at_once(8, lambda _: seal_all(tomorrow()))
    seal_all(tomorrow())

    assert (Sealing.objects.count(), Seal.objects.count()) == (1, 1)
    assert OutboxEvent.objects.filter(type="ledger.sealed").count() == 1
    assert found() == []


def test_the_task_seals_nothing_of_today(lived_in):
    seal_closed_days()

    assert Seal.objects.count() == 0


def test_a_seal_is_a_fact_that_can_be_kept_elsewhere(lived_in, programme):
    seal_all(tomorrow())

    seal, fact = Seal.objects.get(), OutboxEvent.objects.get(type="ledger.sealed")
    assert fact.programme_id == programme.pk
    assert fact.payload == {
        "number": 1,
        "hash": bytes(seal.hash).hex(),
        "previous": "",
        "rows": seal.rows,
        "last_posting": Posting.objects.latest("pk").pk,
    }
    assert is_known(bytes(seal.hash).hex())
    assert not is_known("00" * 32)
    assert not is_known("no hash")


# -- nothing slips through


def test_who_began_before_is_waited_for_and_sealed_too(unit, lived_in):
    late = books.a_wallet(unit)
    with another_session() as session:
        session.execute(
            "SELECT ledger_accrue(%s, 'test', %s)",
            [unit.programme_id, as_json(late, posting=None)],
        )

        steps = [*seal_all(tomorrow()), *seal_all(tomorrow())]
        session.commit()

    # It is posted last, so its number may lie behind those announced: what counts is that it is in one of both seals.
    seal_all(tomorrow())
    assert SealStep.WAITING in steps
    assert sum(Seal.objects.values_list("rows", flat=True)) == all_rows()
    assert found() == []


def test_who_does_something_else_is_not_waited_for(lived_in):
    with another_session() as session:
        session.execute("UPDATE shops_programme SET name = name")
        session.execute("SELECT count(*) FROM ledger_entry")

        assert seal_all(tomorrow()) == [SealStep.ANNOUNCED, SealStep.SEALED, SealStep.NOTHING]


def test_who_begins_to_post_later_is_not_waited_for(unit, lived_in):
    early, late = books.a_wallet(unit), books.a_wallet(unit)
    with another_session() as first, another_session() as second:
        first.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(early, posting=None)])
        assert seal_all(tomorrow()) == [SealStep.ANNOUNCED, SealStep.WAITING]
        second.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=None)])
        assert seal_all(tomorrow()) == [SealStep.WAITING]
        first.commit()

        assert ledger.seal_next(at=tomorrow()) == SealStep.SEALED

    seal_all(tomorrow())
    assert sum(Seal.objects.values_list("rows", flat=True)) == all_rows()
    assert found() == []


def test_a_posting_named_before_is_waited_for_while_nobody_closed_the_day(unit, lived_in):
    late = books.a_wallet(unit)
    with another_session() as session:
        (names,) = session.execute("SELECT ledger_new_posting_ids(1)").fetchone() or ((),)
        session.commit()
        # Others have posted meanwhile: the name lies in the middle of what is about to be closed.
        lived_in.earn(1)
        session.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=names[0])])
        steps = seal_all(tomorrow())
        waited = Seal.objects.count()
        session.commit()

    assert (steps, waited) == ([SealStep.ANNOUNCED, SealStep.WAITING], 0)
    assert seal_all(tomorrow()) == [SealStep.SEALED, SealStep.NOTHING]
    assert Seal.objects.get().rows == all_rows()
    assert found() == []


def test_a_posting_named_before_comes_too_late_once_the_day_is_closed(unit, lived_in):
    late = books.a_wallet(unit)
    (name,) = new_names(1)
    lived_in.earn(1)
    ledger.seal_next(at=tomorrow())

    too_late = pytest.raises(OperationalError, match="it was named long before it was written")
    with books.unchanged(), too_late, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=name)])

    (fresh,) = new_names(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=fresh)])
    seal_all(tomorrow())
    assert Seal.objects.get(number=1).rows + Seal.objects.get(number=2).rows == all_rows()


def earn_though_days_close(wallet, amount):
    """Here days close at once: a posting may be named before and written after. Nothing was written then; try again."""
    while True:
        try:
            return wallet.earn(amount)
        except OperationalError as refusal:
            assert "named long before it was written" in str(refusal)  # noqa: PT017 -- any other is a failure


def test_whoever_posts_while_days_are_closed_is_sealed_once(unit, lived_in):
    wallets = [books.a_wallet(unit) for _ in range(6)]

    def work(number: int) -> None:
        if number < len(wallets):
            for count in range(40):
                earn_though_days_close(wallets[number], 1 + count)
        else:
            for days in range(1, 25):
                ledger.seal_next(at=tomorrow(days), postings=30)

    at_once(8, work)
    seal_all(tomorrow(99), postings=30)

    assert Seal.objects.count() > 3
    assert [wallet.figures() for wallet in wallets] == [books.Figures(820)] * 6
    assert sum(Seal.objects.values_list("rows", flat=True)) == all_rows()
    assert found() == []


def test_without_the_guard_a_late_posting_slips_into_a_seal(unit, lived_in, breaking):
    (name,) = new_names(1)
    lived_in.earn(1)
    late = books.a_wallet(unit)
    with replaced("IF EXISTS (SELECT FROM new_rows", "IF false AND EXISTS (SELECT FROM new_rows"):
        seal_all(tomorrow())
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=name)])

    assert [damage.number for damage in found()] == [1]


def test_without_waiting_who_began_before_is_missing(unit, lived_in, breaking):
    late = books.a_wallet(unit)
    with replaced("IF stretch.waits_for = '{}' THEN", "IF true THEN"), another_session() as session:
        (names,) = session.execute("SELECT ledger_new_posting_ids(1)").fetchone() or ((),)
        session.commit()
        lived_in.earn(1)
        session.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=names[0])])
        seal_all(tomorrow())
        session.commit()

        assert found() != []
