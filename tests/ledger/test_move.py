"""What one wallet gives another: lots that live as long, once, to the last point."""

import pytest
from django.db import DatabaseError, connection, transaction

from ledger.errors import AmountNotPositive, InsufficientPoints, ReferenceReused, UnitNotMovable, WalletsNotApart
from ledger.models import Account, Lot, LotOrigin
from ledger.policies import Decay, Inactivity, Policy, Span
from tests.crowd import at_once
from tests.ledger import books
from tests.ledger.books import DAY, NOON, Figures


def ends(wallet):
    found = Lot.objects.filter(wallet_id=wallet.wallet_id).order_by("pk")
    return list(found.values_list("remaining", "active_from", "expires_at"))


def test_each_lot_arrives_as_one_that_lives_as_long(unit, wallet_with):
    giver, receiver = wallet_with(0), wallet_with(5)
    giver.earn(30, at=NOON - 2 * DAY, until=NOON + 9 * DAY)
    giver.earn(50, at=NOON - DAY, until=NOON + 3 * DAY)
    giver.earn(20)

    answer = giver.give(receiver, 90)

    assert answer.fresh
    assert books.legs(answer.posting_id).keys() == {"MEMBER"}
    assert (giver.figures(), receiver.figures()) == (Figures(10), Figures(95))
    assert ends(receiver)[1:] == [
        (50, NOON - DAY, NOON + 3 * DAY),
        (30, NOON - 2 * DAY, NOON + 9 * DAY),
        (10, NOON, None),
    ]
    assert [origin.from_lot.remaining for origin in LotOrigin.objects.order_by("lot_id")] == [0, 0, 10]
    assert books.findings() == []


def test_the_fee_goes_to_the_programme_out_of_what_expires_soonest(unit, wallet_with):
    giver, receiver = wallet_with(0), wallet_with(0)
    giver.earn(10, until=NOON + DAY)
    giver.earn(100, until=NOON + 5 * DAY)

    answer = giver.give(receiver, 80, fee=15)

    assert (giver.left(), ends(receiver)) == ([0, 15], [(80, NOON, NOON + 5 * DAY)])
    assert books.totals(unit) == {"ISSUANCE": -110, "MEMBER": 95, "FEE": 15}
    assert books.uses(answer.posting_id) == [10, 85]
    assert books.findings() == []


def test_a_repeat_moves_nothing_more(wallet_with):
    giver, receiver = wallet_with(100), wallet_with(0)
    first = giver.give(receiver, 60, fee=1, ref="1")

    again = giver.give(receiver, 60, fee=1, ref="1")

    assert (again.posting_id, again.fresh) == (first.posting_id, False)
    assert (giver.figures(), receiver.figures()) == (Figures(39), Figures(60))


@pytest.mark.parametrize(("amount", "fee", "back"), [(61, 1, False), (60, 2, False), (60, 1, True)])
def test_a_reference_that_stands_for_another_move_is_refused(amount, fee, back, wallet_with):
    giver, receiver = wallet_with(100), wallet_with(100)
    giver.give(receiver, 60, fee=1, ref="1")

    with books.unchanged(), pytest.raises(ReferenceReused), transaction.atomic():
        (receiver if back else giver).give(giver if back else receiver, amount, fee=fee, ref="1")


def test_what_is_pending_expired_or_reserved_is_not_moved(wallet_with):
    giver, receiver = wallet_with(10), wallet_with(0)
    giver.earn(100, active=NOON + DAY)
    giver.earn(100, at=NOON - 2 * DAY, until=NOON)
    giver.earn(5)
    giver.hold(5)

    with books.unchanged(), pytest.raises(InsufficientPoints) as refusal:
        giver.give(receiver, 10, fee=1)

    assert refusal.value.facts == {"required": 11, "spendable": 10}


def test_nobody_gives_to_himself_or_nothing(wallet_with):
    giver, receiver = wallet_with(10), wallet_with(0)

    with books.unchanged(), pytest.raises(WalletsNotApart):
        giver.give(giver, 5)
    with books.unchanged(), pytest.raises(AmountNotPositive):
        giver.give(receiver, 0)


def test_qualifying_points_stay_with_who_earned_them(programme):
    status = books.a_unit(programme, "status", klass="QUALIFYING")
    giver, receiver = books.a_wallet(status, 10), books.a_wallet(status)

    with books.unchanged(), pytest.raises(UnitNotMovable):
        giver.give(receiver, 5)
    with books.unchanged(), pytest.raises(DatabaseError, match="qualifying"), transaction.atomic():
        _ask_the_database(giver, receiver)


def _ask_the_database(giver, receiver):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_transfer(%s, %s, %s, 5, 0, 'test', '1', %s, 'test', false)",
            [giver.wallet_id, receiver.wallet_id, giver.unit.pk, NOON],
        )


def test_what_arrives_settles_what_the_receiver_owes(wallet_with):
    giver, receiver = wallet_with(100), wallet_with(0)
    earning = receiver.earn(30)
    receiver.spend(30)
    receiver.claw_back(earning, 30)
    assert receiver.figures() == Figures(owed=30)

    giver.give(receiver, 50)

    assert receiver.figures() == Figures(20)
    assert books.findings() == []


def test_moving_keeps_nothing_alive(unit, wallet_with):
    books.says(unit, Policy(Inactivity(30, Span.DAYS)))
    giver, receiver = wallet_with(0), wallet_with(0)
    giver.earn(10, until=NOON + 3 * DAY)
    receiver.earn(7, until=NOON + 2 * DAY)

    giver.give(receiver, 10)

    assert ends(receiver) == [(7, NOON, NOON + 2 * DAY), (10, NOON, NOON + 3 * DAY)]


@pytest.mark.parametrize(("counts", "silent_since"), [(False, NOON - 9 * DAY), (True, NOON - DAY)])
def test_receiving_is_no_earning_unless_it_is_said_to_be(counts, silent_since, wallet_with):
    giver, receiver = wallet_with(0), wallet_with(0)
    giver.earn(10, at=NOON - DAY)
    receiver.earn(1, at=NOON - 9 * DAY)

    giver.give(receiver, 10, counts=counts)

    assert Account.objects.get(wallet=receiver.wallet_id).earned_at == silent_since


def test_who_never_earned_grows_silent_from_when_the_giver_did(wallet_with):
    giver, receiver = wallet_with(0), wallet_with(0)
    giver.earn(10, at=NOON - 9 * DAY)

    giver.give(receiver, 10)

    assert Account.objects.get(wallet=receiver.wallet_id).earned_at == NOON - 9 * DAY


def test_what_the_receiver_lost_by_silence_is_counted_before_anything_arrives(unit, wallet_with):
    books.says(unit, Policy(decay=Decay(after_weeks=1, share_permille=500, fixed=0)))
    giver, receiver = wallet_with(0), wallet_with(0)
    giver.earn(100, at=NOON - 14 * DAY)
    giver.earn(100, at=NOON)
    receiver.earn(40, at=NOON - 14 * DAY)

    giver.give(receiver, 100)

    assert receiver.figures() == Figures(120)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_twenty_who_move_all_points_at_once_one_does(unit):
    """PC-214."""
    giver, receivers = books.a_wallet(unit, 100), [books.a_wallet(unit) for _ in range(20)]

    answers = at_once(20, lambda number: giver.give(receivers[number], 100, ref=f"{number}"))

    assert sum(isinstance(answer, InsufficientPoints) for answer in answers) == 19
    assert books.totals(unit) == {"ISSUANCE": -100, "MEMBER": 100}
    assert sorted(wallet.figures().spendable for wallet in receivers) == [0] * 19 + [100]
    assert books.findings() == []


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_who_move_to_and_fro_do_not_wait_for_each_other_for_ever(unit):
    ring = [books.a_wallet(unit, 1000) for _ in range(4)]

    def turn(number):
        for step in range(10):
            giver, receiver = ring[number % 4], ring[(number + 1 + step % 3) % 4]
            giver.give(receiver, 7, ref=f"{number}:{step}")

    assert at_once(16, turn) == [None] * 16
    assert sum(wallet.figures().spendable for wallet in ring) == 4000
    assert books.findings() == []
