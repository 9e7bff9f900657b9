"""What an order earned waits for its delivery where the unit's policy says so."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from campaigns import services as campaigns
from campaigns.services import AcceptedDelivery
from events.models import OutboxEvent
from ledger.models import Lot
from ledger.policies import AfterDays, OnDelivery, Policy, Rolling, Span
from ledger.queries import balances_of
from orders.errors import DeliveredBeforeOrdered, DeliveryContradicted, OrderUnknown
from orders.models import Delivery
from tests.campaigns import trade
from tests.campaigns.trade import NOON, a_campaign, bring_back, buy, per_money, rules, wallet
from tests.crowd import at_once
from tests.ledger.books import says

DAY = timedelta(days=1)
A_MONTH_FROM_DELIVERY = Policy(expiry=Rolling(30, Span.DAYS), activation=OnDelivery(60))


def arrives(grocer, *, of="1", at=NOON + 3 * DAY):
    return campaigns.accept_delivery(programme=grocer, source="till", reference=of, delivered_at=at)


def pending(member, at=NOON):
    return balances_of(member.wallet_id, at=at)[0].pending


def test_points_wait_for_the_delivery_and_their_clock_starts_with_it(grocer, ada, standing):
    says(grocer.units.get(), A_MONTH_FROM_DELIVERY)
    buy(grocer, 1000)
    assert (wallet(ada, at=NOON + 2 * DAY), pending(ada)) == ((0, 0), 10)

    answer = arrives(grocer)

    a_month_later = datetime(2026, 4, 4, 22, tzinfo=UTC)
    assert [earned.expires_at for earned in answer.earned] == [a_month_later]
    assert (wallet(ada, at=NOON + 3 * DAY), pending(ada, at=NOON + 3 * DAY)) == ((10, 0), 0)
    assert wallet(ada, at=a_month_later) == (0, 0)
    (fact,) = OutboxEvent.objects.filter(type="order.delivered")
    assert fact.payload["order"]["reference"] == "1"
    assert trade.books_are_sound()


def test_what_is_never_delivered_becomes_active_at_the_latest_day(grocer, ada, standing):
    says(grocer.units.get(), A_MONTH_FROM_DELIVERY)
    buy(grocer, 1000)
    latest = datetime(2026, 4, 30, 22, tzinfo=UTC)

    assert wallet(ada, at=latest - timedelta(seconds=1)) == (0, 0)
    assert wallet(ada, at=latest) == (10, 0)


def test_the_same_delivery_again_changes_nothing(grocer, ada, standing):
    says(grocer.units.get(), A_MONTH_FROM_DELIVERY)
    buy(grocer, 1000)
    first = arrives(grocer)
    lots = list(Lot.objects.values())

    again = arrives(grocer)

    assert (first.registered.fresh, again.registered.fresh, again.earned) == (True, False, first.earned)
    assert (list(Lot.objects.values()), OutboxEvent.objects.filter(type="order.delivered").count()) == (lots, 1)


@pytest.mark.parametrize(
    ("ask", "refusal"),
    [
        ({"of": "unknown"}, OrderUnknown),
        ({"at": NOON - DAY}, DeliveredBeforeOrdered),
        ({"at": NOON + 4 * DAY}, DeliveryContradicted),
    ],
)
def test_a_delivery_that_makes_no_sense_is_refused(ask, refusal, grocer, ada, standing):
    says(grocer.units.get(), A_MONTH_FROM_DELIVERY)
    buy(grocer, 1000)
    arrives(grocer)
    before = (list(Lot.objects.values()), list(Delivery.objects.values()))

    with pytest.raises(refusal):
        arrives(grocer, **ask)

    assert (list(Lot.objects.values()), list(Delivery.objects.values())) == before


def test_a_delivery_moves_only_what_waited_for_it(grocer, ada, standing):
    says(grocer.units.get(), Policy(activation=AfterDays(14)))
    buy(grocer, 1000)

    arrives(grocer)

    assert (wallet(ada, at=NOON + 13 * DAY), pending(ada, at=NOON + 13 * DAY)) == ((0, 0), 10)
    assert wallet(ada, at=NOON + 14 * DAY) == (10, 0)


def test_a_rule_says_how_long_what_it_grants_lives(grocer, ada):
    says(grocer.units.get(), A_MONTH_FROM_DELIVERY)
    a_campaign(grocer, rules(per_money(), expiry=Rolling(7, Span.DAYS)))
    buy(grocer, 1000)

    answer = arrives(grocer)

    assert [earned.expires_at for earned in answer.earned] == [datetime(2026, 3, 12, 23, tzinfo=UTC)]
    assert Lot.objects.get().has_own_end


def test_goods_that_come_back_before_they_count_take_the_waiting_points(grocer, ada, standing):
    says(grocer.units.get(), A_MONTH_FROM_DELIVERY)
    buy(grocer, 1000, 500)
    bring_back(grocer, (1, 1), of="1", at=NOON + DAY)

    arrives(grocer)

    assert wallet(ada, at=NOON + 3 * DAY) == (5, 0)


def test_a_delivery_is_a_fact_and_stays_one(grocer, ada, standing):
    buy(grocer, 1000)
    arrives(grocer)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Delivery.objects.update(delivered_at=NOON)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Delivery.objects.all().delete()

    assert Delivery.objects.get().delivered_at == NOON + 3 * DAY


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_delivery_reported_by_eight_at_once_counts_once(grocer, ada, standing):
    says(grocer.units.get(), A_MONTH_FROM_DELIVERY)
    buy(grocer, 1000)

    answers = at_once(8, lambda _: arrives(grocer))

    fresh = [answer.registered.fresh for answer in answers if isinstance(answer, AcceptedDelivery)]
    assert sorted(fresh) == [False] * 7 + [True]
    assert OutboxEvent.objects.filter(type="order.delivered").count() == 1
    assert wallet(ada, at=NOON + 3 * DAY) == (10, 0)
