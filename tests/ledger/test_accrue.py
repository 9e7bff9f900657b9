"""Points earned: one by one, in batches, and again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, transaction

from ledger.errors import AmountNotPositive, ReferenceReused
from ledger.models import Account, Entry, Lot, Posting
from ledger.queries import entries_of
from ledger.services import Accrued, new_posting_ids
from roundtrips import ask
from tests.ledger import books
from tests.ledger.books import DAY, NOON, SECOND, Figures, accrue


def test_an_earning_becomes_a_posting_two_entries_and_a_lot(wallet):
    earning = wallet.earn(80, at=NOON, until=NOON + DAY, ref="order 7")

    posting = Posting.objects.get()
    lot = Lot.objects.get()
    assert (posting.pk, posting.kind, posting.source, posting.reference) == (earning, "ACCRUE", "test", "order 7")
    assert (posting.actor, posting.occurred_at, posting.corrects_id) == ("test", NOON, None)
    assert books.legs(earning) == {"MEMBER": 80, "ISSUANCE": -80}
    assert (lot.posting_id, lot.wallet_id, lot.earned, lot.remaining, lot.reserved) == (
        earning,
        wallet.wallet_id,
        80,
        80,
        0,
    )
    assert (lot.active_from, lot.expires_at) == (NOON, NOON + DAY)
    assert wallet.figures() == Figures(spendable=80)


def test_entries_of_a_member_are_numbered_and_say_the_balance_behind_them(wallet):
    for amount in (50, 30, 1):
        wallet.earn(amount)

    entries = Entry.objects.filter(wallet_id=wallet.wallet_id).order_by("seq")
    assert list(entries.values_list("seq", "amount", "balance_after")) == [(1, 50, 50), (2, 30, 80), (3, 1, 81)]


def test_the_programmes_own_accounts_keep_no_balance_and_are_summed(unit, wallet):
    wallet.earn(50)
    wallet.earn(30)

    issuance = Account.objects.get(unit=unit, kind="ISSUANCE")
    assert (issuance.balance, issuance.seq) == (0, 0)
    assert set(Entry.objects.filter(account=issuance).values_list("seq", "balance_after")) == {(None, None)}
    assert books.totals(unit) == {"MEMBER": 80, "ISSUANCE": -80}


def test_a_batch_is_posted_in_its_order_over_several_wallets_and_units(programme, unit):
    credit = books.a_unit(programme, "credit", decimals=2)
    ada, bob = books.a_wallet(unit), books.a_wallet(unit)
    adas_credit = books.TestWallet(ada.wallet_id, credit)

    accrued = accrue(
        bob.accrual(10), ada.accrual(20), adas_credit.accrual(1250), bob.accrual(5), programme_id=programme.pk
    )

    assert [item.fresh for item in accrued] == [True] * 4
    assert [Posting.objects.get(pk=item.posting_id).entries.get(wallet__isnull=False).amount for item in accrued] == [
        10,
        20,
        1250,
        5,
    ]
    assert (ada.figures(), adas_credit.figures(), bob.figures()) == (Figures(20), Figures(1250), Figures(15))
    assert list(Entry.objects.filter(wallet_id=bob.wallet_id).order_by("seq").values_list("seq", "balance_after")) == [
        (1, 10),
        (2, 15),
    ]
    assert (books.totals(unit), books.totals(credit)) == (
        {"MEMBER": 35, "ISSUANCE": -35},
        {"MEMBER": 1250, "ISSUANCE": -1250},
    )


def test_the_same_reference_again_answers_the_first_posting_and_writes_nothing(wallet):
    accrual = wallet.accrual(80, ref="order 7")
    (first,) = accrue(accrual, programme_id=wallet.programme_id)

    with books.unchanged():
        (again,) = accrue(accrual, programme_id=wallet.programme_id)

    assert (again.posting_id, again.fresh) == (first.posting_id, False)


def test_one_of_a_batch_that_was_posted_before_is_left_out(wallet):
    known = wallet.accrual(80, ref="order 7")
    (first,) = accrue(known, programme_id=wallet.programme_id)

    before, again, after = accrue(wallet.accrual(1), known, wallet.accrual(2), programme_id=wallet.programme_id)

    assert (again.posting_id, again.fresh) == (first.posting_id, False)
    assert (before.fresh, after.fresh) == (True, True)
    assert wallet.left() == [80, 1, 2]
    assert wallet.figures() == Figures(83)


def test_a_reference_twice_in_one_batch_is_posted_once(wallet):
    accrual = wallet.accrual(80, ref="order 7")

    first, again = accrue(accrual, accrual, programme_id=wallet.programme_id)

    assert (first.fresh, again.fresh, again.posting_id) == (True, False, first.posting_id)
    assert wallet.left() == [80]


@pytest.mark.parametrize("_case", ["amount", "wallet", "unit", "within one batch"])
def test_a_reference_that_stands_for_another_earning_is_refused_with_its_whole_batch(_case, programme, unit, wallet):
    known = wallet.accrual(80, ref="order 7")
    others = {
        "amount": wallet.accrual(81, ref="order 7"),
        "wallet": books.a_wallet(unit).accrual(80, ref="order 7"),
        "unit": books.TestWallet(wallet.wallet_id, books.a_unit(programme, "credit")).accrual(80, ref="order 7"),
        "within one batch": wallet.accrual(79, ref="order 7"),
    }
    if _case != "within one batch":
        accrue(known, programme_id=programme.pk)

    with books.unchanged(), pytest.raises(ReferenceReused) as refusal, transaction.atomic():
        accrue(wallet.accrual(5, ref="order 8"), known, others[_case], programme_id=programme.pk)

    assert refusal.value.facts == {"reference": "order 7"}


def test_a_posting_can_be_named_before_it_is_written(wallet):
    ids = ask(new_posting_ids(2))
    first, second = (
        replace(wallet.accrual(80, ref=f"order {number}"), posting_id=posting_id)
        for number, posting_id in enumerate(ids)
    )

    accrued = accrue(first, second, programme_id=wallet.programme_id)

    assert accrued == [Accrued(ids[0], fresh=True), Accrued(ids[1], fresh=True)]
    assert books.postings_of(wallet) == ids


def test_the_history_follows_the_books_and_not_the_names_of_postings(wallet):
    early, late = ask(new_posting_ids(2))

    for posting_id in (late, early):
        accrue(
            replace(wallet.accrual(80, ref=f"{posting_id}"), posting_id=posting_id), programme_id=wallet.programme_id
        )

    history = list(entries_of(wallet.wallet_id))
    assert [(entry.posting_id, entry.balance_after) for entry in history] == [(early, 160), (late, 80)]


def test_a_posting_with_a_name_must_be_new(wallet):
    known = wallet.accrual(80, ref="order 7")
    accrue(known, programme_id=wallet.programme_id)
    (posting_id,) = ask(new_posting_ids(1))

    with books.unchanged(), pytest.raises(ReferenceReused) as refusal, transaction.atomic():
        accrue(
            wallet.accrual(5, ref="order 8"), replace(known, posting_id=posting_id), programme_id=wallet.programme_id
        )

    assert refusal.value.facts == {"reference": "order 7"}


def test_the_same_reference_of_another_source_or_programme_is_another_earning(unit, wallet):
    elsewhere = books.a_wallet(books.a_unit(books.a_programme("butcher")))

    wallet.earn(80, ref="order 7")
    elsewhere.earn(70, ref="order 7")

    assert (wallet.figures(), elsewhere.figures()) == (Figures(80), Figures(70))


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_below_one_is_refused_with_its_whole_batch(amount, wallet):
    with books.unchanged(), pytest.raises(AmountNotPositive) as refusal:
        accrue(wallet.accrual(5), wallet.accrual(amount), programme_id=wallet.programme_id)

    assert refusal.value.facts == {"amount": amount}


@pytest.mark.parametrize("amounts", [[2**63], [2**63 - 1, 1]])
def test_more_than_an_account_can_count_is_refused(amounts, wallet):
    with books.unchanged(), pytest.raises(DataError), transaction.atomic():
        accrue(*[wallet.accrual(amount) for amount in amounts], programme_id=wallet.programme_id)


def test_a_wallet_of_another_programme_is_refused(unit, wallet):
    stranger = books.TestWallet(books.a_wallet(books.a_unit(books.a_programme("butcher"))).wallet_id, unit)

    with books.unchanged(), pytest.raises(IntegrityError), transaction.atomic():
        stranger.earn(5)


def test_a_lot_that_lapses_before_it_is_active_is_refused(wallet):
    with books.unchanged(), pytest.raises(IntegrityError), transaction.atomic():
        wallet.earn(5, active=NOON + DAY, until=NOON + DAY)


def test_an_earning_for_later_is_pending_until_then(wallet):
    wallet.earn(80, active=NOON + timedelta(days=14))

    assert wallet.figures(NOON + 14 * DAY - SECOND) == Figures(pending=80)
    assert wallet.figures(NOON + 14 * DAY) == Figures(spendable=80)


def test_a_unit_that_came_after_the_wallet_is_earned_as_well(programme, wallet):
    later = books.TestWallet(wallet.wallet_id, books.a_unit(programme, "credit"))

    assert later.figures() == Figures()
    later.earn(5)

    assert later.figures() == Figures(5)


def test_nothing_to_accrue_is_nothing(programme):
    assert accrue(programme_id=programme.pk) == []
