"""Pools: what several wallets give to one, spent for all of them, and whose each point of it stays."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ledger import services as ledger
from ledger.errors import InsufficientPoints, NotOfPool, ReferenceReused
from ledger.models import Account, Lot, Wallet
from ledger.policies import Decay, Inactivity, Policy, Span
from tests.ledger import books
from tests.ledger.books import DAY, NOON, Figures
from tests.ledger.pooling import a_pool
from tests.ledger.tables import rows

PAGE = "households.md"


def ends(wallet):
    """What is left in the lots of a wallet, and until when."""
    found = Lot.objects.filter(wallet_id=wallet.wallet_id, remaining__gt=0).order_by("expires_at", "pk")
    return list(found.values_list("remaining", "expires_at"))


def test_what_two_gave_is_spent_for_both_and_each_gets_the_rest_of_their_own_back(unit, wallet_with):
    ann, bob = wallet_with(0), wallet_with(0)
    ann.earn(100, until=NOON + 3 * DAY)
    ann.earn(50)
    bob.earn(80, until=NOON + 5 * DAY)
    pool = a_pool(unit, ann, bob)
    pool.give(ann, 150)
    pool.give(bob, 80)

    pool.wallet.spend(120)
    pool.leave(ann)

    assert (ann.figures(), bob.figures(), pool.wallet.figures()) == (Figures(50), Figures(0), Figures(60))
    assert ends(ann) == [(50, None)]
    assert ends(pool.wallet) == [(60, NOON + 5 * DAY)]
    assert pool.shares() == [0, 60]


def test_who_leaves_gets_lots_back_that_live_as_long_as_before(unit, wallet_with):
    ann = wallet_with(0)
    ann.earn(30, at=NOON - 2 * DAY, until=NOON + 9 * DAY)
    ann.earn(20, until=NOON + 4 * DAY)
    pool = a_pool(unit, ann)
    pool.give(ann, 50)

    pool.leave(ann)

    assert ends(ann) == [(20, NOON + 4 * DAY), (30, NOON + 9 * DAY)]
    assert books.moved(ann, "TRANSFER") == [-50, 50]


def test_leaving_twice_moves_nothing_more(unit, wallet_with):
    ann = wallet_with(50)
    pool = a_pool(unit, ann)
    pool.give(ann, 50)
    pool.leave(ann)

    with books.unchanged():
        pool.leave(ann)


def test_what_a_hold_keeps_of_somebody_who_left_is_spent_or_goes_home_when_the_hold_ends(unit, wallet_with):
    ann, bob = wallet_with(100), wallet_with(10)
    pool = a_pool(unit, ann, bob)
    pool.give(ann, 100)
    pool.give(bob, 10)
    released, captured = pool.wallet.hold(30), pool.wallet.hold(40)

    pool.leave(ann)
    assert (ann.figures(), pool.wallet.figures(), pool.shares()) == (Figures(30), Figures(10, 70), [70, 10])

    pool.wallet.release(released)
    assert (ann.figures(), pool.wallet.figures(), pool.shares()) == (Figures(60), Figures(10, 40), [40, 10])

    pool.wallet.capture(captured, 25)
    assert (ann.figures(), pool.wallet.figures(), pool.shares()) == (Figures(75), Figures(10), [0, 10])


def test_what_a_hold_kept_goes_home_before_anybody_can_spend_it(unit, wallet_with):
    ann, bob = wallet_with(100), wallet_with(10)
    pool = a_pool(unit, ann, bob)
    pool.give(ann, 100)
    pool.give(bob, 10)
    pool.wallet.hold(100, until=NOON + DAY)
    pool.leave(ann)

    with pytest.raises(InsufficientPoints) as refusal:
        pool.wallet.spend(11, at=NOON + DAY)

    assert refusal.value.facts == {"required": 11, "spendable": 10}
    assert ann.figures(NOON + DAY) == Figures(100)


def test_the_night_sends_home_what_came_free_by_itself(unit, wallet_with):
    ann = wallet_with(100)
    pool = a_pool(unit, ann)
    pool.give(ann, 100)
    pool.wallet.hold(60, until=NOON + DAY)
    pool.leave(ann)

    looked = ledger.send_home_next(programme_id=unit.programme_id, at=NOON + DAY)
    after = ledger.send_home_next(programme_id=unit.programme_id, at=NOON + DAY)

    assert (looked.wallets, after.wallets) == (1, 0)
    assert ann.figures(NOON + DAY) == Figures(100)


def test_a_refund_returns_to_the_lots_and_what_is_of_somebody_who_left_goes_home_at_once(unit, wallet_with):
    ann, bob = wallet_with(0), wallet_with(0)
    ann.earn(50, until=NOON + 3 * DAY)
    bob.earn(50, until=NOON + 4 * DAY)
    pool = a_pool(unit, ann, bob)
    pool.give(ann, 50)
    pool.give(bob, 50)
    spending = pool.wallet.spend(80)
    pool.leave(ann)
    assert ann.figures() == Figures(0)

    pool.wallet.refund(spending, 60)

    assert (ann.figures(), pool.wallet.figures()) == (Figures(30), Figures(50))
    assert ends(ann) == [(30, NOON + 3 * DAY)]
    assert pool.shares() == [0, 50]


def test_what_lapsed_before_a_refund_comes_back_as_whose_it_was(unit, wallet_with):
    ann, bob = wallet_with(0), wallet_with(0)
    ann.earn(50, until=NOON + DAY)
    bob.earn(50, until=NOON + 2 * DAY)
    pool = a_pool(unit, ann, bob)
    pool.give(ann, 50)
    pool.give(bob, 50)
    spending = pool.wallet.spend(100)
    pool.leave(ann)

    pool.wallet.refund(spending, at=NOON + 9 * DAY, grace=30 * DAY)

    assert ends(ann) == [(50, NOON + 39 * DAY)]
    assert ends(pool.wallet) == [(50, NOON + 39 * DAY)]
    assert pool.shares(NOON + 9 * DAY) == [0, 50]


def test_who_comes_back_has_there_again_what_holds_kept(unit, wallet_with):
    ann = wallet_with(50)
    pool = a_pool(unit, ann)
    pool.give(ann, 50)
    hold = pool.wallet.hold(50)
    pool.leave(ann)

    pool.join(ann)
    pool.wallet.release(hold)

    assert (ann.figures(), pool.wallet.figures()) == (Figures(0), Figures(50))


def test_what_comes_home_settles_what_is_owed_there(unit, wallet_with):
    ann = wallet_with(0)
    first = ann.earn(40)
    ann.spend(40)
    ann.earn(100)
    pool = a_pool(unit, ann)
    pool.give(ann, 100)
    ann.claw_back(first, 40)
    assert ann.figures() == Figures(owed=40)

    pool.leave(ann)

    assert ann.figures() == Figures(60)


# -- who gives, and what


def test_only_who_fills_a_pool_gives_to_it(unit, wallet_with):
    ann, stranger = wallet_with(50), wallet_with(50)
    pool = a_pool(unit, ann)
    pool.leave(ann)

    for one in (ann, stranger):
        with books.unchanged(), pytest.raises(NotOfPool), transaction.atomic():
            pool.give(one, 10)


def test_a_repeated_contribution_gives_nothing_more_and_a_changed_one_is_refused(unit, wallet_with):
    ann = wallet_with(50)
    pool = a_pool(unit, ann)
    first = pool.give(ann, 10, ref="1")

    again = pool.give(ann, 10, ref="1")

    assert (again.posting_id, again.fresh) == (first.posting_id, False)
    with books.unchanged(), pytest.raises(ReferenceReused), transaction.atomic():
        pool.give(ann, 11, ref="1")
    assert ann.figures() == Figures(40)


def test_nothing_is_earned_adjusted_or_converted_into_a_pool(unit, wallet_with):
    ann = wallet_with(500)
    pool = a_pool(unit, ann)
    pool.give(ann, 500)
    credit = books.a_unit(unit.programme, "credit")
    terms = ledger.add_conversion(
        source=unit, target=credit, terms=ledger.NewTerms(chunk=100, gives=1, is_offered=True, is_automatic=True)
    )

    with books.unchanged(), pytest.raises(DatabaseError, match="only what its members gave"), transaction.atomic():
        pool.wallet.earn(10)
    with books.unchanged(), pytest.raises(DatabaseError, match="only what its members gave"), transaction.atomic():
        ledger.convert(wallet_id=pool.id, terms=terms, chunks=1, source="t", reference="1", at=NOON, actor="t")
    with books.unchanged():
        assert ledger.convert_next(terms=terms, midnight=NOON).wallets == 0


def test_a_pool_gives_back_to_nobody_but_who_gave(unit, wallet_with):
    ann, bob = wallet_with(50), wallet_with(0)
    pool = a_pool(unit, ann, bob)
    pool.give(ann, 50)

    with books.unchanged(), pytest.raises(DatabaseError, match="to nobody else"), transaction.atomic():
        ledger.move(
            wallet_id=pool.id,
            to_wallet_id=bob.wallet_id,
            unit=unit,
            amount=10,
            source="t",
            reference="1",
            at=NOON,
            actor="t",
        )


def test_a_wallet_stays_a_pool_or_none(unit, wallet_with):
    pool = a_pool(unit, wallet_with(0))

    with pytest.raises(DatabaseError), transaction.atomic():
        Wallet.objects.filter(pk=pool.id).update(is_pool=False)
    with pytest.raises(IntegrityError, match="wallets of its programme"), transaction.atomic():
        pool.join(a_pool(unit).wallet)
    with pytest.raises(IntegrityError, match="wallets of its programme"), transaction.atomic():
        pool.join(books.a_wallet(books.a_unit(books.a_programme("other"))))


# -- a share of an earning


@pytest.mark.parametrize(("spent", "given"), [(0, 30), (80, 20), (100, 0)])
def test_a_share_of_an_earning_comes_out_of_its_very_lot_as_far_as_it_is_left(spent, given, unit, wallet_with):
    ann = wallet_with(0)
    earning = ann.earn(100, until=NOON + DAY)
    if spent:
        ann.spend(spent)
    ann.earn(1000)
    pool = a_pool(unit, ann)

    pooled = pool.give_of(earning, 30)

    assert (pooled.amount, pooled.fresh) == (given, True)
    assert pool.give_of(earning, 30).amount == given
    assert (pool.wallet.figures(), ends(pool.wallet)) == (
        Figures(given),
        [(given, NOON + DAY)] if given else [],
    )


def test_a_share_of_what_is_pending_waits(unit, wallet_with):
    ann = wallet_with(0)
    earning = ann.earn(100, active=NOON + DAY)
    pool = a_pool(unit, ann)

    assert pool.give_of(earning, 30).posting_id is None
    assert pool.give_of(earning, 30, at=NOON + DAY).amount == 30
    assert pool.give_of(earning, 30, at=NOON + DAY).fresh is False
    assert pool.wallet.figures(NOON + DAY) == Figures(30)


# -- what is taken back


def test_what_of_an_earning_is_in_a_pool_comes_home_before_others_pay(unit, wallet_with):
    ann = wallet_with(0)
    earning = ann.earn(100)
    pool = a_pool(unit, ann)
    pool.give(ann, 60)
    ann.earn(500, until=NOON + DAY)

    clawed = ann.claw_back(earning, 100)

    assert (clawed.taken, clawed.lapsed, clawed.owed) == (100, 0, 0)
    assert (ann.figures(), pool.wallet.figures()) == (Figures(500), Figures(0))


def test_what_of_an_earning_was_spent_by_the_household_is_paid_by_other_points_of_who_earned(unit, wallet_with):
    ann, bob = wallet_with(0), wallet_with(100)
    earning = ann.earn(100, until=NOON + DAY)
    pool = a_pool(unit, ann, bob)
    pool.give(ann, 100)
    pool.give(bob, 100)
    pool.wallet.spend(70)

    clawed = ann.claw_back(earning, 100)

    assert (clawed.taken, clawed.owed) == (30, 70)
    assert pool.shares() == [0, 100]


def test_what_expired_in_a_pool_or_back_home_is_not_charged_again(unit, wallet_with):
    ann = wallet_with(0)
    earning = ann.earn(100, until=NOON + DAY)
    pool = a_pool(unit, ann)
    pool.give(ann, 60)
    pool.leave(ann)
    pool.join(ann)
    pool.give(ann, 50)
    books.expire_all(NOON + DAY)
    ann.earn(500, at=NOON + DAY)

    clawed = ann.claw_back(earning, 100, at=NOON + DAY)

    assert (clawed.taken, clawed.lapsed, clawed.owed) == (0, 100, 0)


def test_what_lapsed_in_a_pool_and_is_not_written_down_is_not_charged_either(unit, wallet_with):
    ann = wallet_with(0)
    earning = ann.earn(100, until=NOON + DAY)
    pool = a_pool(unit, ann)
    pool.give(ann, 100)
    ann.earn(500, at=NOON + DAY)

    clawed = ann.claw_back(earning, 100, at=NOON + DAY)
    books.expire_all(NOON + DAY)

    assert (clawed.taken, clawed.lapsed, clawed.owed) == (0, 100, 0)
    assert books.totals(unit) == {"ISSUANCE": -500, "MEMBER": 500}


# -- what keeps a pool alive


def test_a_manual_contribution_keeps_nothing_alive_and_an_earning_of_who_fills_it_does(unit, wallet_with):
    books.says(unit, Policy(Inactivity(30, Span.DAYS)))
    ann, bob = wallet_with(0), wallet_with(0)
    ann.earn(10, until=NOON + 3 * DAY)
    bob.earn(10, until=NOON + 9 * DAY)
    pool = a_pool(unit, ann, bob)
    pool.give(ann, 10)
    pool.give(bob, 10, at=NOON + DAY)
    assert [end for _, end in ends(pool.wallet)] == [NOON + 3 * DAY, NOON + 9 * DAY]

    ledger.pool_earned(pool_id=pool.id, unit_ids=[unit.pk], at=NOON + 2 * DAY)

    (until,) = {end for _, end in ends(pool.wallet)}
    assert until > NOON + 31 * DAY


def test_a_pool_decays_when_those_who_fill_it_are_silent_and_not_before(unit, wallet_with):
    books.says(unit, Policy(decay=Decay(after_weeks=1, share_permille=500, fixed=0)))
    ann, bob = wallet_with(0), wallet_with(0)
    ann.earn(100, at=NOON)
    pool = a_pool(unit, ann, bob)
    pool.give(ann, 100)
    ledger.pool_earned(pool_id=pool.id, unit_ids=[unit.pk], at=NOON + 7 * DAY)

    pool.leave(ann, at=NOON + 20 * DAY)
    assert ann.figures(NOON + 20 * DAY) == Figures(100)

    pool.join(ann, at=NOON + 20 * DAY)
    pool.give(ann, 50, at=NOON + 20 * DAY)
    assert Account.objects.get(wallet=pool.id).earned_at == NOON + 7 * DAY


# -- the page


@pytest.mark.parametrize("row", rows(PAGE, "Ann gave"), ids=lambda row: " ".join(row.values()))
def test_the_page_on_households(row, unit, wallet_with):
    ann, bob = wallet_with(0), wallet_with(0)
    pool = a_pool(unit, ann, bob)
    for home, gave in ((ann, row["Ann gave"]), (bob, row["Bob gave"])):
        for amount, days in (part.split(" for ") for part in gave.split(", ")):
            home.earn(int(amount), until=NOON + int(days.split()[0]) * DAY)
            pool.give(home, int(amount))
    spending = pool.wallet.spend(int(row["spent"])) if row["spent"] != "0" else 0
    later = NOON + int(row["days later"]) * DAY
    if row["given back"] != "0":
        pool.wallet.refund(spending, int(row["given back"]), at=later)
    books.expire_all(later)

    pool.leave(ann, at=later)
    assert (ann.figures(later).spendable, pool.wallet.figures(later).spendable) == (
        int(row["Ann takes home"]),
        int(row["left for Bob"]),
    )
