"""
What other systems' tests and documents assert about spending, undoing and expiry, and ours. The ids are those of our
collection of such cases; where a peer's result is not ours, the name says what ours is.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from kernel.periods import end_of_day
from ledger import services as ledger
from ledger.errors import InsufficientPoints
from ledger.models import ConversionTerms, Posting
from ledger.policies import Inactivity, Policy, Rolling, RoundUp, Span, after, expires_at
from tests.crowd import at_once
from tests.ledger import books
from tests.ledger.books import DAY, NOON, Figures

EARNED = datetime(2026, 1, 22, 12, tzinfo=UTC)


def test_pc_048_two_halves_of_a_point_are_one(programme):
    tenths = books.a_wallet(books.a_unit(programme, "tenths", decimals=1), 10)

    tenths.spend(5)
    tenths.spend(5)

    assert tenths.figures() == Figures(0)
    with books.unchanged(), pytest.raises(InsufficientPoints):
        tenths.spend(5)


def test_pc_049_and_074_undoing_an_order_writes_rows_and_removes_none(wallet_with):
    wallet = wallet_with(4)
    earned, spent = wallet.earn(1), wallet.spend(3)
    assert wallet.figures() == Figures(2)

    wallet.claw_back(earned, 1)
    wallet.reverse(spent)

    assert wallet.figures() == Figures(4)
    kinds = Posting.objects.order_by("pk").values_list("kind", "corrects_id")
    assert list(kinds)[1:] == [("ACCRUE", None), ("BURN", None), ("CLAW_BACK", earned), ("REVERSE", spent)]


def test_pc_077_a_spending_can_be_undone_after_three_months_too(wallet_with):
    wallet = wallet_with(100)
    spent = wallet.spend(80)

    wallet.reverse(spent, at=NOON + 120 * DAY)

    assert wallet.figures(NOON + 120 * DAY) == Figures(100)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_pc_079_of_two_who_undo_one_spending_one_does(unit):
    wallet = books.a_wallet(unit, 100)
    spent = wallet.spend(80)

    answers = at_once(2, lambda _: wallet.reverse(spent))

    assert len(set(answers)) == 1
    assert wallet.figures() == Figures(100)
    assert books.moved(wallet, "REVERSE") == [80]


def test_pc_080_what_was_given_away_is_not_taken_back_as_an_earning(wallet_with):
    giver, receiver = wallet_with(100), wallet_with(0)
    given = giver.give(receiver, 60)

    for wallet in (giver, receiver):
        with books.unchanged(), pytest.raises(DatabaseError), transaction.atomic():
            wallet.claw_back(given.posting_id, 60)


@pytest.mark.parametrize("policy", [after(1, Span.MONTHS), Policy(Inactivity(1, Span.MONTHS))])
def test_pc_087_what_is_given_away_keeps_its_end(policy, unit, wallet_with):
    books.says(unit, policy)
    giver, receiver = wallet_with(0), wallet_with(0)
    ends = expires_at(policy, active=EARNED, zone=unit.programme.zone)
    giver.earn(100, at=EARNED, until=ends)

    giver.give(receiver, 100, at=EARNED + 3 * DAY)

    (arrived,) = receiver.lots()
    assert arrived.expires_at == ends == end_of_day(date(2026, 2, 22), unit.programme.zone)


@pytest.mark.parametrize(
    ("case", "expiry", "first_instant_after"),
    [
        ("PC-086", Rolling(1, Span.MONTHS, RoundUp.MONTH), date(2026, 3, 1)),
        ("PC-090", Rolling(1, Span.DAYS, RoundUp.MONTH), date(2026, 2, 1)),
        ("PC-091", Inactivity(365, Span.DAYS), date(2027, 1, 23)),
    ],
)
def test_points_end_at_a_local_midnight(case, expiry, first_instant_after, programme):
    midnight = expires_at(Policy(expiry), active=EARNED, zone=programme.zone)

    assert midnight == end_of_day(first_instant_after - timedelta(days=1), programme.zone), case


def test_pc_091_they_are_spent_on_day_365_and_gone_on_day_366(unit, wallet_with):
    policy = Policy(Inactivity(365, Span.DAYS))
    books.says(unit, policy)
    wallet = wallet_with(0)
    wallet.earn(10, at=EARNED, until=expires_at(policy, active=EARNED, zone=unit.programme.zone))

    assert wallet.figures(EARNED + 365 * DAY) == Figures(10)
    assert wallet.figures(EARNED + 366 * DAY) == Figures(0)


def test_pc_094_all_whole_chunks_are_converted_however_many(unit, wallet_with):
    credit = books.a_unit(unit.programme, "credit", klass="CREDIT", decimals=2)
    terms = ConversionTerms.objects.create(source_unit=unit, target_unit=credit, chunk=50, gives=500)
    wallet = wallet_with(50 * 260 + 49)

    done = ledger.convert(
        wallet_id=wallet.wallet_id, terms=terms, chunks=None, source="test", reference="1", at=NOON, actor="test"
    )

    assert (done.chunks, wallet.figures()) == (260, Figures(49))


def test_pc_185_what_was_used_is_never_deleted(wallet_with):
    wallet = wallet_with(100)
    wallet.spend(100)

    for table, column in (("entry", "wallet_id"), ("lot", "wallet_id"), ("account", "wallet_id"), ("wallet", "id")):
        with books.unchanged(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM ledger_{table} WHERE {column} = %s", [wallet.wallet_id])
