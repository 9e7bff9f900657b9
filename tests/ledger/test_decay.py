"""What silent accounts lose: PartyPoker's published rule, late or on time, once."""

from datetime import timedelta

import pytest

from ledger import services as ledger
from ledger.errors import InsufficientPoints
from ledger.models import Posting
from ledger.policies import Decay, Policy
from tests.crowd import at_once
from tests.ledger import books, tables
from tests.ledger.books import DAY, NOON, SECOND, Figures

WEEK = timedelta(weeks=1)
# After 12 weeks without earning, each further week 5 % of the balance and at least 5; the rest after 20.
PARTY = Decay(after_weeks=12, share_permille=50, fixed=5, rest_after_weeks=20)


def lost(wallet):
    rows = Posting.objects.filter(kind="EXPIRE", reference__startswith="decay:").order_by("pk")
    return [(round((row.occurred_at - NOON) / WEEK), books.legs(row.pk)["BREAKAGE"]) for row in rows]


def decay(wallet, weeks, terms=PARTY):
    return ledger.decay_wallet(wallet_id=wallet.wallet_id, unit_id=wallet.unit.pk, decay=terms, at=NOON + weeks * WEEK)


@pytest.mark.parametrize("row", tables.rows("expiry.md", "balance"))
def test_a_silent_account_loses_what_the_table_of_docs_algorithms_expiry_says(row, wallet_with):
    balance, weeks = int(row["balance"]), int(row["weeks without earning"])
    losses = [(13 + number, int(amount)) for number, amount in enumerate(row["lost in those weeks"].split())]
    wallet = wallet_with(balance)

    assert decay(wallet, weeks) == sum(amount for _, amount in losses)

    assert lost(wallet) == losses
    assert wallet.figures(NOON + weeks * WEEK) == Figures(balance - sum(amount for _, amount in losses))


def test_a_week_counts_from_the_second_it_is_over(wallet_with):
    wallet = wallet_with(200)

    early = ledger.decay_wallet(
        wallet_id=wallet.wallet_id, unit_id=wallet.unit.pk, decay=PARTY, at=NOON + 13 * WEEK - SECOND
    )

    assert early == 0
    assert decay(wallet, 13) == 10


@pytest.mark.parametrize("steps", [[16], [13, 14, 15, 16], [14, 14, 16, 16]])
def test_late_or_twice_comes_to_the_same(steps, wallet_with):
    wallet = wallet_with(1000)

    for weeks in steps:
        decay(wallet, weeks)

    assert lost(wallet) == [(13, 50), (14, 47), (15, 45), (16, 42)]


def test_one_point_earned_begins_the_silence_anew(wallet_with):
    wallet = wallet_with(200)
    decay(wallet, 13)
    wallet.earn(1, at=NOON + 13 * WEEK + DAY)

    assert decay(wallet, 20) == 0
    assert decay(wallet, 27) == 9
    assert wallet.figures(NOON + 27 * WEEK) == Figures(182)


def test_what_is_reserved_or_waits_does_not_decay(wallet_with):
    wallet = wallet_with(100)
    wallet.hold(60, at=NOON + 12 * WEEK, until=NOON + 30 * WEEK)

    assert decay(wallet, 13) == 5
    assert decay(wallet, 20) == 35
    assert wallet.figures(NOON + 20 * WEEK) == Figures(reserved=60)


def test_a_silent_member_cannot_spend_what_decayed_although_no_run_came_by(unit, wallet_with):
    books.says(unit, Policy(decay=PARTY))
    wallet = wallet_with(200)

    with pytest.raises(InsufficientPoints) as refusal:
        wallet.spend(191, at=NOON + 13 * WEEK)
    with pytest.raises(InsufficientPoints):
        wallet.hold(191, at=NOON + 13 * WEEK)

    assert refusal.value.facts == {"required": 191, "spendable": 190}
    wallet.spend(190, at=NOON + 13 * WEEK)


def test_a_return_does_not_charge_what_decayed(wallet_with):
    wallet = wallet_with(0)
    earning = wallet.earn(200)
    decay(wallet, 13)

    answer = wallet.claw_back(earning, 200, at=NOON + 13 * WEEK)

    assert (answer.taken, answer.lapsed, answer.owed) == (190, 10, 0)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_at_once_take_each_week_once(unit):
    wallet = books.a_wallet(unit, 1000)

    at_once(8, lambda _: decay(wallet, 16))

    assert lost(wallet) == [(13, 50), (14, 47), (15, 45), (16, 42)]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_batches_walk_over_all_silent_wallets(unit):
    wallets = [books.a_wallet(unit, 200) for _ in range(7)]
    books.a_wallet(unit).earn(200, at=NOON + 10 * WEEK)

    def walk(_number):
        after = 0
        while (
            looked := ledger.decay_next(unit_id=unit.pk, decay=PARTY, at=NOON + 13 * WEEK, after=after, wallets=2)
        ).upto:
            after = looked.upto

    at_once(4, walk)

    assert [wallet.figures(NOON + 13 * WEEK) for wallet in wallets] == [Figures(190)] * 7
    assert Posting.objects.filter(kind="EXPIRE").count() == 7
