"""Redemptions that end another way: cancelled, declined, lapsed, undone. What was taken comes back once."""

from datetime import UTC, datetime, timedelta

import pytest

from events.models import OutboxEvent
from ledger import queries as ledger
from members.errors import OwnAccount
from members.models import Member
from members.visits import Till
from rewards.errors import RedemptionClosed, RedemptionUnknown, UndoNotAllowed
from rewards.models import Redemption
from rewards.services import cancel, confirm, decline, give_back_lapsed, undo
from shops.models import StaffRole
from tests.counter.people import NOON, a_member, a_shop, a_till, ask_for, balance, earn, somebody

LATER = NOON + timedelta(minutes=1)
Role = StaffRole.Role


def redeemed(member, till, at=LATER):
    return confirm(redemption_id=ask_for(member, till).pk, member=member, at=at)


def cancel_it(redemption):
    return cancel(redemption_id=redemption.pk, till=Till(redemption.device, redemption.staff), at=LATER)


def decline_it(redemption):
    return decline(redemption_id=redemption.pk, member=redemption.member, at=LATER)


@pytest.mark.parametrize(
    ("reason", "end", "closed_by"), [("cancelled", cancel_it, "Eva"), ("declined", decline_it, None)]
)
def test_a_no_gives_points_and_piece_back_once(reason, end, closed_by, ada, till, coffee):
    redemption = ask_for(ada, till)

    end(redemption)
    ended = end(redemption)

    coffee.refresh_from_db()
    (account,) = ledger.balances_of(ada.wallet_id, at=LATER)
    assert (ended.state, ended.closed_at) == ("VOIDED", LATER)
    assert (ended.closed_by and ended.closed_by.get_short_name()) == closed_by
    assert (account.spendable, account.reserved) == (700, 0)
    assert coffee.stock == 5
    assert [fact.payload["reason"] for fact in OutboxEvent.objects.filter(type="reward.released")] == [reason]


@pytest.mark.parametrize("end", [cancel_it, decline_it])
def test_after_the_yes_it_is_too_late_for_a_no(end, ada, till, coffee):
    redemption = redeemed(ada, till)

    with pytest.raises(RedemptionClosed):
        end(redemption)

    coffee.refresh_from_db()
    assert balance(ada, LATER) == 400
    assert coffee.stock == 4


def test_strangers_can_not_say_no(bakery, ada, till, coffee):
    redemption = ask_for(ada, till)
    harbour = a_shop(bakery, "harbour")

    with pytest.raises(RedemptionUnknown):
        cancel(redemption_id=redemption.pk, till=a_till(harbour, somebody("Ben", harbour)), at=LATER)
    with pytest.raises(RedemptionUnknown):
        decline(redemption_id=redemption.pk, member=a_member(bakery, "Mallory Example"), at=LATER)

    redemption.refresh_from_db()
    assert redemption.state == Redemption.State.RESERVED


def test_a_no_after_the_time_is_over_gives_back_once_too(ada, till, coffee):
    redemption = ask_for(ada, till)
    late = NOON + timedelta(minutes=6)

    cancel(redemption_id=redemption.pk, till=till, at=late)
    give_back_lapsed(at=late)

    coffee.refresh_from_db()
    assert balance(ada, late) == 700
    assert coffee.stock == 5


def test_the_sweep_closes_what_is_over_and_nothing_else(bakery, ada, till, coffee):
    lapsed = ask_for(ada, till)
    fresh = ask_for(a_member(bakery, "Grace Hopper", points=300), till, at=LATER, key="press 2", nonce="scan 2")

    swept = give_back_lapsed(at=NOON + timedelta(minutes=5))
    swept_again = give_back_lapsed(at=NOON + timedelta(minutes=5))

    lapsed.refresh_from_db()
    fresh.refresh_from_db()
    coffee.refresh_from_db()
    assert (swept, swept_again) == (1, 0)
    assert (lapsed.state, lapsed.closed_at) == ("EXPIRED", lapsed.expires_at)
    assert fresh.state == "RESERVED"
    assert coffee.stock == 4
    assert OutboxEvent.objects.get(type="reward.released").payload["reason"] == "lapsed"


def test_a_lapsed_reservation_frees_its_points_with_no_worker_running(ada, till, coffee):
    ask_for(ada, till)

    assert balance(ada, NOON + timedelta(minutes=4, seconds=59)) == 400
    assert balance(ada, NOON + timedelta(minutes=5)) == 700


def test_who_served_may_undo_within_fifteen_minutes(ada, till, coffee, eva):
    redemption = redeemed(ada, till)

    undone = undo(redemption_id=redemption.pk, by=eva, at=LATER + timedelta(minutes=14, seconds=59))

    coffee.refresh_from_db()
    assert (undone.state, undone.closed_by) == ("REFUNDED", eva)
    assert balance(ada, LATER) == 700
    assert coffee.stock == 5
    assert ledger.postings([ada.programme_id])[0].actor == f"user:{eva.pk}"
    assert OutboxEvent.objects.get(type="reward.refunded").payload["redemption"] == redemption.pk


def test_undoing_twice_undoes_once(ada, till, coffee, eva):
    redemption = redeemed(ada, till)

    first = undo(redemption_id=redemption.pk, by=eva, at=LATER)
    again = undo(redemption_id=redemption.pk, by=eva, at=LATER + timedelta(seconds=1))

    coffee.refresh_from_db()
    assert again.closed_at == first.closed_at == LATER
    assert balance(ada, LATER) == 700
    assert coffee.stock == 5
    assert OutboxEvent.objects.filter(type="reward.refunded").count() == 1


def test_a_manager_of_the_shop_may_undo_later(ada, till, coffee, shop):
    redemption = redeemed(ada, till)
    boss = somebody("Mia", shop, Role.SHOP_MANAGER)

    undone = undo(redemption_id=redemption.pk, by=boss, at=LATER + timedelta(days=3))

    assert (undone.state, undone.closed_by) == ("REFUNDED", boss)


@pytest.fixture
def people(shop, bakery, eva):
    """Who might want to undo what Eva did."""
    return {
        "Eva": eva,
        "another cashier": somebody("Ben", shop),
        "the manager of another shop": somebody("Hal", a_shop(bakery, "harbour"), Role.SHOP_MANAGER),
    }


@pytest.mark.parametrize(("who", "minutes"), [("Eva", 15), ("another cashier", 0), ("the manager of another shop", 0)])
def test_others_and_late_ones_may_not_undo(who, minutes, people, ada, till, coffee):
    redemption = redeemed(ada, till)

    with pytest.raises(UndoNotAllowed) as refusal:
        undo(redemption_id=redemption.pk, by=people[who], at=LATER + timedelta(minutes=minutes))

    coffee.refresh_from_db()
    assert refusal.value.facts == {"until": LATER + timedelta(minutes=15)}
    assert balance(ada, LATER) == 400
    assert coffee.stock == 4


def test_who_lost_the_role_may_not_undo(ada, till, coffee, eva):
    redemption = redeemed(ada, till)
    eva.roles.all().delete()

    with pytest.raises(UndoNotAllowed):
        undo(redemption_id=redemption.pk, by=eva, at=LATER)

    assert balance(ada, LATER) == 400


def test_nobody_undoes_their_own_redemption(ada, till, coffee, shop):
    redemption = redeemed(ada, till)
    boss = somebody("Mia", shop, Role.SHOP_MANAGER)
    Member.objects.filter(pk=ada.pk).update(user=boss)

    with pytest.raises(OwnAccount):
        undo(redemption_id=redemption.pk, by=boss, at=LATER)

    assert balance(ada, LATER) == 400


def test_what_was_never_redeemed_can_not_be_undone(ada, till, coffee, eva):
    redemption = ask_for(ada, till)

    with pytest.raises(RedemptionClosed):
        undo(redemption_id=redemption.pk, by=eva, at=LATER)
    with pytest.raises(RedemptionUnknown):
        undo(redemption_id=redemption.pk + 1, by=eva, at=LATER)


def test_points_that_expired_meanwhile_come_back_until_the_end_of_the_thirtieth_local_day(bakery, till, coffee, shop):
    ada = a_member(bakery)
    earn(ada, 300, until=NOON + timedelta(hours=1))
    redemption = redeemed(ada, till)
    boss = somebody("Mia", shop, Role.SHOP_MANAGER)

    undo(redemption_id=redemption.pk, by=boss, at=NOON + timedelta(days=2))

    # 4 March + 30 days is 3 April, whose end in Berlin, in summer by then, is 22:00 UTC.
    (lot,) = ledger.expiring(ada.wallet_id, at=NOON + timedelta(days=2), within=timedelta(days=60))
    assert (lot.amount, lot.expires_at) == (300, datetime(2026, 4, 3, 22, 0, tzinfo=UTC))
