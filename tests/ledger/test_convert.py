"""Whole chunks of one unit become another: by hand, by night, once, to the last point."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ledger import services as ledger
from ledger.errors import AmountNotPositive, ConversionNotOffered, InsufficientPoints, ReferenceReused
from ledger.models import Conversion, ConversionTerms, Lot, Posting
from ledger.nightly import runs
from ledger.nightly.runs import Went
from ledger.policies import after
from tests.crowd import at_once
from tests.ledger import books
from tests.ledger.books import DAY, NOON, SECOND, Figures, TestWallet

MIDNIGHT = datetime(2026, 3, 2, 23, tzinfo=UTC)  # in Berlin


@pytest.fixture
def credit(programme):
    return books.a_unit(programme, "credit", klass="CREDIT", decimals=2, policy=after(30))


@pytest.fixture
def terms(unit, credit):
    """100 points become 10.00."""
    return ConversionTerms.objects.create(source_unit=unit, target_unit=credit, chunk=100, gives=1000)


def convert(wallet, terms, chunks=None, *, at=NOON, ref="1"):
    return ledger.convert(
        wallet_id=wallet.wallet_id, terms=terms, chunks=chunks, source="test", reference=ref, at=at, actor="test"
    )


def of(wallet, unit, at=NOON):
    return TestWallet(wallet.wallet_id, unit).figures(at)


def night(at):
    runs.begin_due(at=at)
    for run in runs.unfinished():
        while runs.work(run_id=run.pk, at=at) is Went.ON:
            pass


@pytest.mark.parametrize(
    ("have", "chunks", "taken", "given"), [(250, None, 200, 2000), (250, 1, 100, 1000), (100, None, 100, 1000)]
)
def test_whole_chunks_are_converted_and_the_rest_is_kept(have, chunks, taken, given, terms, wallet_with):
    wallet = wallet_with(have)

    answer = convert(wallet, terms, chunks)

    assert (answer.fresh, answer.taken, answer.given) == (True, taken, given)
    assert (wallet.figures(), of(wallet, terms.target_unit)) == (Figures(have - taken), Figures(given))
    assert Posting.objects.get(kind="CONVERT").pk == answer.posting_id
    assert books.totals(terms.source_unit) == {
        kind: amount
        for kind, amount in {"ISSUANCE": -have, "MEMBER": have - taken, "CONVERSION": taken}.items()
        if amount
    }
    assert books.totals(terms.target_unit) == {"CONVERSION": -given, "MEMBER": given}


def test_what_was_converted_lives_as_the_new_units_policy_says(terms, wallet_with):
    wallet = wallet_with(100, until=NOON + DAY)

    answer = convert(wallet, terms)

    assert wallet.lot(answer.posting_id).expires_at == datetime(2026, 4, 1, 22, tzinfo=UTC)


def test_points_that_expire_first_are_converted_first(terms, wallet):
    wallet.earn(80)
    wallet.earn(60, until=NOON + DAY)

    convert(wallet, terms)

    assert wallet.left() == [40, 0, 1000]


@pytest.mark.parametrize(
    ("have", "chunks", "facts"),
    [(99, None, {"required": 100, "spendable": 99}), (250, 3, {"required": 300, "spendable": 250})],
)
def test_less_than_asked_for_converts_nothing(have, chunks, facts, terms, wallet_with):
    wallet = wallet_with(have)

    with pytest.raises(InsufficientPoints) as refusal:
        convert(wallet, terms, chunks)

    assert refusal.value.facts == facts
    assert (wallet.figures(), Conversion.objects.count()) == (Figures(have), 0)


def test_what_is_reserved_or_waits_is_not_converted(terms, wallet_with):
    wallet = wallet_with(250)
    wallet.hold(100)
    wallet.earn(500, active=NOON + DAY)

    answer = convert(wallet, terms)

    assert answer.taken == 100
    assert wallet.figures() == Figures(50, reserved=100, pending=500)


def test_the_same_reference_again_gets_the_first_answer(terms, wallet_with):
    wallet = wallet_with(300)
    first = convert(wallet, terms, 1)

    with books.unchanged():
        again = convert(wallet, terms, 1)

    assert (again.fresh, again.posting_id, again.taken, again.given) == (False, first.posting_id, 100, 1000)


def test_a_reference_stands_for_one_conversion(terms, wallet_with, unit):
    wallet, other = wallet_with(300), wallet_with(300)
    convert(wallet, terms, 1)

    for ask in (lambda: convert(wallet, terms, 2), lambda: convert(other, terms, 1)):
        with books.unchanged(), pytest.raises(ReferenceReused), transaction.atomic():
            ask()


@pytest.mark.parametrize("chunks", [0, -1])
def test_nothing_is_no_conversion(chunks, terms, wallet_with):
    wallet = wallet_with(300)

    with books.unchanged(), pytest.raises(AmountNotPositive):
        convert(wallet, terms, chunks)


def test_what_is_not_offered_members_cannot_convert(terms, wallet_with):
    wallet = wallet_with(300)
    terms.is_offered = False

    with books.unchanged(), pytest.raises(ConversionNotOffered):
        convert(wallet, terms, 1)


def test_the_terms_of_what_was_done_stay_when_they_change(terms, wallet_with):
    wallet = wallet_with(300)
    convert(wallet, terms, 1)
    terms.gives = 500
    terms.save()

    convert(wallet, terms, 1, ref="2")

    assert list(Conversion.objects.order_by("pk").values_list("chunks", "chunk", "gives")) == [
        (1, 100, 1000),
        (1, 100, 500),
    ]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Conversion.objects.update(gives=1)


def test_units_of_two_programmes_are_not_converted_into_each_other(unit):
    elsewhere = books.a_unit(books.a_programme("butcher"))

    with pytest.raises(IntegrityError, match="of one programme"), transaction.atomic():
        ConversionTerms.objects.create(source_unit=unit, target_unit=elsewhere, chunk=1, gives=1)

    assert ConversionTerms.objects.count() == 0


def test_qualifying_points_are_not_converted(unit):
    status = books.a_unit(unit.programme, "status", klass="QUALIFYING")

    with pytest.raises(IntegrityError, match="qualifying points are not converted"), transaction.atomic():
        ConversionTerms.objects.create(source_unit=status, target_unit=unit, chunk=1, gives=1)

    assert ConversionTerms.objects.count() == 0


def test_arrears_of_the_new_unit_are_offset(terms, wallet_with):
    wallet = wallet_with(100)
    spent = TestWallet(wallet.wallet_id, terms.target_unit)
    earning = spent.earn(400)
    spent.spend(400)
    spent.claw_back(earning, 400)

    convert(wallet, terms)

    assert spent.figures() == Figures(600)


def test_pc_093_the_night_converts_what_expires_with_what_becomes_active(terms, unit, wallet):
    """30 expire tonight, 20 become active tonight: the night sees 50 and uses all of it; nothing is left to expire."""
    terms.chunk, terms.gives, terms.is_automatic = 50, 500, True
    terms.save()
    wallet.earn(30, until=MIDNIGHT)
    wallet.earn(20, active=MIDNIGHT)

    night(at=MIDNIGHT + 9 * timedelta(hours=1))

    assert wallet.left() == [0, 0, 500]
    assert not Posting.objects.filter(kind="EXPIRE").exists()
    assert Posting.objects.get(kind="CONVERT").occurred_at == MIDNIGHT


def test_a_night_converts_once_and_the_next_one_again(terms, wallet_with):
    terms.is_automatic, terms.is_offered = True, False
    terms.save()
    wallet = wallet_with(250)

    night(at=MIDNIGHT + SECOND)
    night(at=MIDNIGHT + 2 * SECOND)
    wallet.earn(60, at=MIDNIGHT + SECOND)
    night(at=MIDNIGHT + DAY)

    assert list(Conversion.objects.order_by("pk").values_list("chunks", flat=True)) == [2, 1]
    assert wallet.figures(MIDNIGHT + DAY) == Figures(10)


def test_terms_that_are_not_automatic_wait_for_the_member(terms, wallet_with):
    wallet = wallet_with(250)

    night(at=NOON + DAY)

    assert wallet.figures(NOON + DAY) == Figures(250)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_sixteen_at_once_convert_no_more_than_there_is(unit):
    credit = books.a_unit(unit.programme, "credit", decimals=2)
    terms = ConversionTerms.objects.create(source_unit=unit, target_unit=credit, chunk=100, gives=1000)
    wallet = books.a_wallet(unit, 550)

    answers = at_once(16, lambda number: convert(wallet, terms, 1, ref=f"tap {number}"))

    assert sum(isinstance(answer, InsufficientPoints) for answer in answers) == 11
    assert (wallet.figures(), of(wallet, credit)) == (Figures(50), Figures(5000))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_tap_sent_eight_times_converts_once(unit):
    credit = books.a_unit(unit.programme, "credit", decimals=2)
    terms = ConversionTerms.objects.create(source_unit=unit, target_unit=credit, chunk=100, gives=1000)
    wallet = books.a_wallet(unit, 550)

    answers = at_once(8, lambda _: convert(wallet, terms, 1, ref="one tap"))

    assert len({answer.posting_id for answer in answers}) == 1
    assert sorted(answer.fresh for answer in answers) == [False] * 7 + [True]
    assert Lot.objects.filter(account__unit=credit).count() == 1
