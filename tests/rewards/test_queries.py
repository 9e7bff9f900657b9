"""What pages ask: the catalogue, the question to a member, what was done lately."""

from datetime import timedelta

from ledger import queries as ledger
from rewards import queries
from rewards.services import cancel, confirm, undo
from shops.models import StaffRole
from tests.counter.people import NOON, a_member, a_programme, a_reward, a_till, ask_for, somebody

LATER = NOON + timedelta(minutes=1)


def shown(member, at=NOON):
    return [
        (offer.reward.key, offer.can_be_taken, offer.missing, offer.left)
        for offer in queries.catalogue_for(member, at=at)
    ]


def test_the_catalogue_says_what_can_be_taken_and_what_is_missing(bakery, ada):
    a_reward(bakery, "cake", price=900)
    a_reward(bakery, "coffee", price=300)
    a_reward(bakery, "hug", price=1, stock=None)
    a_reward(bakery, "mug", price=700, stock=0)
    a_reward(a_programme("bookshop"), "novel")
    hidden = a_reward(bakery, "secret", price=2)
    hidden.is_offered = False
    hidden.save()

    assert shown(ada) == [
        ("hug", True, 0, None),
        ("coffee", True, 0, 5),
        ("mug", False, 0, 0),
        ("cake", False, 200, 5),
    ]


def test_a_piece_is_gone_while_it_waits_and_back_when_its_time_is_over(bakery, ada, till):
    a_reward(bakery, stock=1)
    grace = a_member(bakery, "Grace Hopper", points=300)
    ask_for(ada, till)

    assert shown(grace, NOON + timedelta(minutes=4, seconds=59)) == [("coffee", False, 0, 0)]
    assert shown(grace, NOON + timedelta(minutes=5)) == [("coffee", True, 0, 1)]


def test_the_catalogue_costs_the_same_whatever_its_size(bakery, ada, django_assert_num_queries):
    for number in range(12):
        a_reward(bakery, f"reward-{number}")

    with django_assert_num_queries(3):
        shown(ada)


def test_a_member_sees_what_they_are_asked_and_for_how_long(ada, till, coffee, django_assert_num_queries):
    redemption = ask_for(ada, till)

    with django_assert_num_queries(1):
        question = queries.pending_confirmation(ada, at=LATER)
        assert question is not None
        seen = (question.redemption.reward.name, question.redemption.shop.name, question.redemption.price)

    assert question.redemption == redemption
    assert seen == ("Coffee", "Market Square", 300)
    assert question.seconds_left == 240


def test_nobody_is_asked_what_is_answered_over_or_somebody_else_s(bakery, ada, till, coffee):
    redemption = ask_for(ada, till)

    assert queries.pending_confirmation(a_member(bakery, "Grace Hopper"), at=NOON) is None
    assert queries.pending_confirmation(ada, at=NOON + timedelta(minutes=5)) is None
    cancel(redemption_id=redemption.pk, till=till, at=NOON)
    assert queries.pending_confirmation(ada, at=NOON) is None


def test_the_last_redemptions_of_a_device_person_or_shop_newest_first(bakery, shop, ada, till, coffee):
    other = a_till(shop, somebody("Ben", shop), "Till 2")
    first = ask_for(ada, till)
    cancel(redemption_id=first.pk, till=till, at=NOON)
    second = ask_for(ada, other, at=LATER, nonce="scan 2")

    assert queries.last_redemptions(shop=shop) == [second, first]
    assert queries.last_redemptions(shop=shop, limit=1) == [second]
    assert queries.last_redemptions(shop=shop, device=till.device) == [first]
    assert queries.last_redemptions(shop=shop, staff=other.staff) == [second]


def test_who_may_undo_what(bakery, shop, ada, till, coffee, eva):
    ben, boss = somebody("Ben", shop), somebody("Mia", shop, StaffRole.Role.SHOP_MANAGER)
    redemption = confirm(redemption_id=ask_for(ada, till).pk, member=ada, at=LATER)
    late = LATER + timedelta(minutes=15)

    def may(by, at):
        return queries.undoable(queries.last_redemptions(shop=shop), by=by, at=at) == {redemption.pk}

    assert (may(eva, LATER), may(ben, LATER), may(boss, LATER)) == (True, False, True)
    assert (may(eva, late), may(boss, late)) == (False, True)


def test_a_posting_leads_to_its_redemption(ada, till, coffee, eva):
    redemption = confirm(redemption_id=ask_for(ada, till).pk, member=ada, at=LATER)
    undo(redemption_id=redemption.pk, by=eva, at=LATER)

    newest, spent, earned = (posting.pk for posting in ledger.postings([ada.programme_id]))
    assert queries.by_posting([newest, spent, earned]) == {redemption.burn_id: redemption}
