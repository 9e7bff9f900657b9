"""Who stands at the counter: a code opens one visit, a typed number opens one that can't spend."""

from datetime import timedelta

import pytest

from events.models import OutboxEvent
from kernel.periods import end_of_day
from ledger.policies import Inactivity, Policy, Span
from members import visits
from members.card import rotate_card
from members.errors import (
    CardForged,
    CardOutdated,
    CardUsed,
    MemberBlocked,
    MemberUnknown,
    NonceReused,
    NumberMistyped,
    OwnAccount,
    TypedNumbersUsedUp,
    VisitClosed,
)
from members.models import Member, TokenUse, TypedNumbers, Visit
from members.numbers import new_number
from members.visits import NUMBERS_TYPED_A_DAY, Till
from tests.counter.people import NOON, a_member, a_programme, a_shop, a_till, scan, shown_card, somebody
from tests.crowd import at_once
from tests.ledger.books import TestWallet, says


def type_number(number, till, at=NOON, nonce="typed 1"):
    return visits.open_visit_by_number(number=number, till=till, nonce=nonce, at=at)


def assert_nothing_happened():
    assert not Visit.objects.exists()
    assert not TokenUse.objects.exists()
    assert not OutboxEvent.objects.filter(type="visit.opened").exists()


def test_a_code_opens_a_visit_of_five_minutes_at_this_till(ada, till, shop):
    visit = scan(ada, till)

    assert (visit.member, visit.shop, visit.device, visit.staff) == (ada, shop, till.device, till.staff)
    assert (visit.opened_at, visit.expires_at) == (NOON, NOON + timedelta(minutes=5))
    assert visit.method == Visit.Method.CARD
    assert visit.may_spend
    assert OutboxEvent.objects.get(type="visit.opened").payload == {
        "visit": visit.pk,
        "member": ada.number,
        "shop": "market-square",
        "method": "CARD",
    }


def test_the_same_scan_again_gets_the_same_visit(ada, till):
    first = scan(ada, till)

    again = scan(ada, till)

    assert again == first
    assert TokenUse.objects.count() == Visit.objects.count() == 1
    assert OutboxEvent.objects.filter(type="visit.opened").count() == 1


def test_the_same_scan_sent_again_late_gets_the_same_visit_although_the_code_went_stale(ada, till):
    first = scan(ada, till)

    again = visits.open_visit(token=shown_card(ada), till=till, nonce="scan 1", at=NOON + timedelta(seconds=90))

    assert again == first


def test_a_code_scanned_a_second_time_says_when_where_and_by_whom(ada, till, shop):
    first = scan(ada, till, at=NOON)
    ben = somebody("Ben", shop)

    with pytest.raises(CardUsed) as refusal:
        visits.open_visit(
            token=shown_card(ada), till=a_till(shop, ben, "Till 2"), nonce="b", at=NOON + timedelta(seconds=9)
        )

    assert refusal.value.facts == {
        "visit": first.pk,
        "device": till.device.pk,
        "used_at": NOON,
        "shop": "Market Square",
        "staff": "Eva",
    }
    assert Visit.objects.get() == first


def test_the_next_code_opens_the_next_visit(ada, till):
    first = scan(ada, till)

    second = scan(ada, till, at=NOON + timedelta(seconds=15), nonce="scan 2")

    assert second != first


def test_a_screenshot_is_worthless_after_its_moment(ada, till):
    with pytest.raises(CardOutdated):
        visits.open_visit(token=shown_card(ada), till=till, nonce="n", at=NOON + timedelta(seconds=30))

    assert_nothing_happened()


def test_a_code_made_before_the_card_was_rotated_is_worthless(ada, till):
    code = shown_card(ada)
    rotate_card(member=ada, at=NOON)

    with pytest.raises(CardOutdated):
        visits.open_visit(token=code, till=till, nonce="n", at=NOON)

    assert_nothing_happened()


def test_a_member_of_another_programme_is_nobody_here(till):
    stranger = a_member(a_programme("bookshop"), "Bob Stranger")

    with pytest.raises(CardForged):
        scan(stranger, till)

    assert_nothing_happened()


@pytest.mark.parametrize("open_for", [scan, lambda member, till: type_number(member.number, till)])
def test_a_blocked_member_is_not_served(open_for, ada, till):
    Member.objects.filter(pk=ada.pk).update(status=Member.Status.BLOCKED)

    with pytest.raises(MemberBlocked):
        open_for(ada, till)

    assert_nothing_happened()


@pytest.mark.parametrize("open_for", [scan, lambda member, till: type_number(member.number, till)])
def test_nobody_serves_themselves(open_for, ada, till, eva):
    Member.objects.filter(pk=ada.pk).update(user=eva)

    with pytest.raises(OwnAccount):
        open_for(ada, till)

    assert_nothing_happened()


def test_a_nonce_used_for_somebody_else_is_refused(ada, bakery, till):
    scan(ada, till, nonce="one")

    with pytest.raises(NonceReused):
        scan(a_member(bakery, "Grace Hopper"), till, nonce="one")

    assert Visit.objects.count() == TokenUse.objects.count() == 1


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}"])
def test_a_typed_number_identifies_and_can_not_spend(typed, ada, till):
    groups = [ada.number[:4], ada.number[4:8], ada.number[8:]]

    visit = type_number(typed.format(ada.number, " ".join(groups), "-".join(groups)), till)

    assert visit.member == ada
    assert visit.method == Visit.Method.NUMBER
    assert not visit.may_spend


@pytest.mark.parametrize("number", ["", "123", "12345678901x", "1234567890123"])
def test_a_mistyped_number_is_not_counted(number, till):
    with pytest.raises(NumberMistyped):
        type_number(number, till)

    assert not TypedNumbers.objects.exists()


def test_a_number_with_one_wrong_digit_is_mistyped(ada, till):
    wrong = ada.number[:-1] + str((int(ada.number[-1]) + 1) % 10)

    with pytest.raises(NumberMistyped):
        type_number(wrong, till)


def test_a_number_nobody_has_is_counted(ada, till):
    with pytest.raises(MemberUnknown):
        type_number(new_number(), till)

    assert TypedNumbers.objects.get().typed == 1
    assert_nothing_happened()


def test_the_same_typed_number_sent_again_is_counted_once(ada, till):
    first = type_number(ada.number, till)

    again = type_number(ada.number, till)

    assert again == first
    assert TypedNumbers.objects.get().typed == 1


def test_the_limit_of_typed_numbers_begins_anew_at_local_midnight(ada, till, shop):
    # The bakery is in Berlin, where the day ends at 23:00 UTC.
    TypedNumbers.objects.create(shop=shop, day=NOON.date(), typed=NUMBERS_TYPED_A_DAY)

    with pytest.raises(TypedNumbersUsedUp):
        type_number(ada.number, till, at=NOON.replace(hour=22, minute=59))
    visit = type_number(ada.number, till, at=NOON.replace(hour=23))

    assert visit.member == ada
    assert sorted(TypedNumbers.objects.values_list("typed", flat=True)) == [1, NUMBERS_TYPED_A_DAY]


def test_a_shop_s_own_time_zone_goes_before_the_programme_s(ada, till, shop):
    shop.time_zone = "America/New_York"
    shop.save()

    type_number(ada.number, Till(device=till.device, staff=till.staff), at=NOON.replace(hour=2))

    assert str(TypedNumbers.objects.get().day) == "2026-03-01"


def test_a_visit_ends_after_five_minutes(ada, till):
    visit = scan(ada, till)

    assert visits.visit_at(visit_id=visit.pk, till=till, at=NOON + timedelta(minutes=4, seconds=59)) == visit
    with pytest.raises(VisitClosed):
        visits.visit_at(visit_id=visit.pk, till=till, at=NOON + timedelta(minutes=5))


def test_a_visit_belongs_to_its_device_and_person(ada, till, shop, eva):
    visit = scan(ada, till)
    other_device = a_till(shop, eva, "Till 2")
    other_person = Till(device=till.device, staff=somebody("Ben", shop))

    for stranger in (other_device, other_person):
        with pytest.raises(VisitClosed):
            visits.visit_at(visit_id=visit.pk, till=stranger, at=NOON)


def test_a_device_that_moved_to_another_shop_lost_its_visits(ada, till, bakery):
    visit = scan(ada, till)
    till.device.shop = a_shop(bakery, "harbour")
    till.device.save()

    with pytest.raises(VisitClosed):
        visits.visit_at(visit_id=visit.pk, till=till, at=NOON)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_code_held_before_sixty_four_scanners_opens_one_visit(ada, till):
    answers = at_once(64, lambda number: scan(ada, till, nonce=f"scanner {number}"))

    opened = [answer for answer in answers if isinstance(answer, Visit)]
    refused = [answer for answer in answers if isinstance(answer, CardUsed)]
    assert (len(opened), len(refused)) == (1, 63)
    assert {refusal.facts["visit"] for refusal in refused} == {opened[0].pk}
    assert Visit.objects.count() == TokenUse.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_scan_sent_sixty_four_times_at_once_gets_one_answer(ada, till):
    answers = at_once(64, lambda _: scan(ada, till))

    assert len({answer.pk for answer in answers}) == 1
    assert Visit.objects.count() == TokenUse.objects.count() == 1
    assert OutboxEvent.objects.filter(type="visit.opened").count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_limit_of_typed_numbers_is_exact_when_all_tills_type_at_once(till):
    def try_three_numbers(number):
        refusals = []
        for _ in range(3):
            try:
                type_number(new_number(), till, nonce=f"{number}")
            except (MemberUnknown, TypedNumbersUsedUp) as refusal:
                refusals.append(type(refusal))
        return refusals

    answers = [refusal for refusals in at_once(48, try_three_numbers) for refusal in refusals]

    assert answers.count(MemberUnknown) == NUMBERS_TYPED_A_DAY
    assert answers.count(TypedNumbersUsedUp) == 144 - NUMBERS_TYPED_A_DAY
    assert TypedNumbers.objects.get().typed == NUMBERS_TYPED_A_DAY


def test_a_shown_card_keeps_points_alive_and_a_typed_number_does_not(ada, till):
    unit = ada.programme.units.get()
    says(unit, Policy(expiry=Inactivity(30, Span.DAYS)))
    wallet = TestWallet(ada.wallet_id, unit)
    earning = wallet.earn(10, at=NOON, until=NOON + timedelta(days=5))

    type_number(ada.number, till)
    typed = wallet.lot(earning).expires_at
    scan(ada, till)

    assert typed == NOON + timedelta(days=5)
    assert wallet.lot(earning).expires_at == end_of_day(NOON.date() + timedelta(days=30), ada.programme.zone)
