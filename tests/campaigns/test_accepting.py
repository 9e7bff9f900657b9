"""An order becomes points: registered, decided, booked and told, in one transaction."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns import services as campaigns
from campaigns.definitions import Fixed
from campaigns.engine import Rejection
from campaigns.models import Award, Decision
from conditions.deciding import Failure
from events.models import OutboxEvent
from ledger.models import Lot, Posting
from ledger.policies import Policy
from ledger.services import open_unit
from members.models import Member
from orders.errors import OrderContradicted, OrderInvalid
from orders.models import Order
from tests.campaigns.trade import (
    LATER,
    NEW_YEAR,
    NOON,
    a_campaign,
    a_member,
    a_programme,
    books_are_sound,
    bring_back,
    buy,
    change,
    goods,
    granted,
    history,
    order,
    per_money,
    rules,
    taken,
    wallet,
)
from tests.ledger import books


def everything():
    """Counts of all that an order may write."""
    return [model.objects.count() for model in (Order, Decision, Award, Posting, Lot, OutboxEvent)]


def test_an_order_earns_by_the_standing_campaign(grocer, ada, standing):
    answer = buy(grocer, goods(1250, tax=200))

    assert (answer.fresh, answer.member_number, answer.reference) == (True, ada.number, "1")
    assert granted(answer) == 10
    assert wallet(ada) == (10, 0)
    assert history(ada) == [("ACCRUE", 10)]
    assert books_are_sound()


def test_every_grant_is_one_posting_that_names_its_version_and_rule(grocer, ada):
    a_campaign(grocer, rules(per_money(), Fixed(units=50)))
    version = a_campaign(grocer, Fixed(units=7), key="autumn").versions.get()

    answer = buy(grocer, 1000)

    postings = [earned.posting_id for earned in answer.earned]
    assert list(Posting.objects.order_by("pk").values_list("pk", "kind", "source", "actor")) == [
        (posting, "ACCRUE", "order", "test") for posting in postings
    ]
    autumn, base, bonus = Award.objects.order_by("pk")
    assert (autumn.version, autumn.rule, autumn.granted, autumn.posting_id) == (version, "r1", 7, postings[0])
    assert (base.rule, base.granted, base.posting_id) == ("r1", 10, postings[1])
    assert (bonus.rule, bonus.granted, bonus.posting_id) == ("r2", 50, postings[2])
    assert Posting.objects.get(pk=postings[0]).reference == f"{answer.order_id}:{version.pk}:r1"
    assert wallet(ada) == (67, 0)


def test_any_number_of_rules_may_grant_something(grocer, ada):
    a_campaign(grocer, rules(*(Fixed(units) for units in range(1, 8))))

    answer = buy(grocer, 500)

    assert [earned.grant.granted for earned in answer.earned] == list(range(1, 8))
    assert len({earned.posting_id for earned in answer.earned}) == 7
    assert wallet(ada) == (28, 0)
    assert books_are_sound()


def test_facts_are_written_in_the_transaction_that_makes_them_true(grocer, ada, standing):
    answer = buy(grocer, 1000)

    posting = answer.earned[0].posting_id
    order_facts = {"id": answer.order_id, "source": "till", "reference": "1"}
    assert list(
        OutboxEvent.objects.filter(type__in=["order.accepted", "points.accrued"])
        .order_by("pk")
        .values_list("programme_id", "type", "payload", "occurred_at")
    ) == [
        (grocer.pk, "order.accepted", {"order": order_facts, "member": ada.number}, NOON),
        (
            grocer.pk,
            "points.accrued",
            {
                "member": ada.number,
                "order": order_facts,
                "posting": posting,
                "unit": "points",
                "amount": "10",
                "expires_at": "2027-03-02T23:00:00+00:00",
            },
            NOON,
        ),
    ]


def test_an_amount_leaves_the_house_with_its_units_decimals(grocer, ada):
    open_unit(programme_id=grocer.pk, code="credit", name="Credit", decimals=2)
    a_campaign(grocer, rules(per_money(units=5), unit="credit"))

    answer = buy(grocer, 1000)

    assert [(earned.grant.granted, earned.unit_decimals, earned.expires_at) for earned in answer.earned] == [
        (50, 2, None)
    ]
    assert OutboxEvent.objects.get(type="points.accrued").payload["amount"] == "0.50"


def test_the_same_order_again_gets_the_equal_answer_and_writes_nothing(grocer, ada, standing):
    first = buy(grocer, goods(1250, tax=200))
    before = everything()

    again = buy(grocer, goods(1250, tax=200))

    assert again.fresh is False
    assert (again.order_id, again.earned, again.decision) == (first.order_id, first.earned, first.decision)
    assert (again.member_number, again.currency) == (first.member_number, first.currency)
    assert everything() == before


def test_a_repeat_gets_the_first_answer_after_the_rate_changed_and_after_returns(grocer, ada, standing):
    first = buy(grocer, 1000)
    change(standing, per_money(units=9), at=NOON - timedelta(days=1))
    bring_back(grocer, (1, 1), of="1")

    again = buy(grocer, 1000)

    assert (again.earned, again.decision) == (first.earned, first.decision)
    assert granted(again) == 10
    assert wallet(ada) == (0, 0)


@pytest.mark.parametrize("customer", ["ada", "nobody"])
def test_a_repeat_of_an_order_that_earned_nothing_gets_its_reasons_again(grocer, ada, standing, customer):
    first = buy(grocer, 99, customer=customer)

    again = buy(grocer, 99, customer=customer)

    assert first.earned == again.earned == ()
    assert again.decision == first.decision


def test_another_content_under_the_same_reference_is_refused_and_changes_nothing(grocer, ada, standing):
    buy(grocer, 1000)
    before = everything()

    with pytest.raises(OrderContradicted) as refused:
        buy(grocer, 1001)

    assert refused.value.facts == {"source": "till", "reference": "1"}
    assert everything() == before
    assert wallet(ada) == (10, 0)


def test_an_order_that_makes_no_sense_is_refused_and_changes_nothing(grocer, ada, standing):
    before = everything()

    with pytest.raises(OrderInvalid):
        buy(grocer, 1000, currency="USD")

    assert everything() == before


def test_a_batch_answers_every_draft_in_its_place(grocer, ada, standing):
    known = buy(grocer, 500)

    drafts = [
        order(1000, reference="2"),
        order(1000, reference="2"),
        order(500),
        order(600),
        order(700, reference="3", currency="USD"),
        order(800, reference="4", customer="nobody"),
    ]
    fresh, twice, repeat, contradicted, invalid, guest = campaigns.accept_orders(
        programme=grocer, drafts=drafts, actor="test"
    )

    assert (fresh.fresh, granted(fresh)) == (True, 10)
    assert (twice.fresh, twice.order_id, twice.earned) == (False, fresh.order_id, fresh.earned)
    assert (repeat.fresh, repeat.order_id, repeat.earned) == (False, known.order_id, known.earned)
    assert isinstance(contradicted, OrderContradicted)
    assert isinstance(invalid, OrderInvalid)
    assert (guest.fresh, guest.earned, guest.member_number) == (True, (), None)
    assert wallet(ada) == (15, 0)
    assert books_are_sound()


def test_a_guest_earns_nothing_and_the_answer_says_why(grocer, standing):
    answer = buy(grocer, 1000, customer_source="", customer="")

    assert answer.member_number is None
    assert answer.decision.rejections == (Rejection("no_member"),)
    assert Posting.objects.count() == 0


def test_an_unknown_customer_earns_nothing_and_the_answer_says_why(grocer, ada, standing):
    answer = buy(grocer, 1000, customer="nobody")

    assert answer.decision.rejections == (Rejection("no_member"),)
    assert wallet(ada) == (0, 0)


def test_a_blocked_member_earns_nothing_and_the_answer_says_why(grocer, ada, standing):
    Member.objects.update(status=Member.Status.BLOCKED)

    answer = buy(grocer, 1000)

    assert answer.member_number == ada.number
    assert answer.decision.rejections == (Rejection("member_blocked"),)
    assert wallet(ada) == (0, 0)


def test_campaigns_of_another_programme_give_nothing_here(grocer, ada):
    a_campaign(a_programme("florist"))

    answer = buy(grocer, 1000)

    assert answer.decision.rejections == (Rejection("no_campaign"),)
    assert wallet(ada) == (0, 0)


def test_a_draft_gives_nothing_before_it_is_published(grocer, ada, standing):
    campaigns.save_draft(campaign=standing, definition=rules(per_money(units=100)), by="Mara", at=NEW_YEAR)

    assert granted(buy(grocer, 1000)) == 10


CHANGE = datetime(2026, 6, 1, 10, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("placed_at", "expected", "number"),
    [
        (NEW_YEAR - INSTANT, 0, None),
        (NEW_YEAR, 10, 1),
        (CHANGE - INSTANT, 10, 1),
        (CHANGE, 20, 2),
        (CHANGE + timedelta(days=400), 20, 2),
    ],
)
def test_the_version_in_force_when_it_was_bought_decides_to_the_instant(
    grocer, ada, standing, placed_at, expected, number
):
    change(standing, per_money(units=2), at=CHANGE)

    answer = buy(grocer, 1000, at=placed_at)

    assert granted(answer) == expected
    assert [earned.grant.version for earned in answer.earned] == ([number] if number else [])


def test_orders_of_one_batch_are_decided_by_the_version_of_their_own_time(grocer, ada, standing):
    change(standing, per_money(units=2), at=CHANGE)
    drafts = [
        order(1000, reference="late", at=CHANGE + INSTANT),
        order(1000, reference="early", at=CHANGE - INSTANT),
    ]

    answers = campaigns.accept_orders(programme=grocer, drafts=drafts, actor="test")

    assert [granted(answer) for answer in answers] == [20, 10]


def test_the_kill_switch_stops_whatever_was_bought_before_and_resuming_does_not_give_it_after_all(
    grocer, ada, standing
):
    campaigns.stop_campaign(campaign=standing, by="Mara", at=NOON)

    stopped = buy(grocer, 1000, at=NOON - timedelta(days=7))
    campaigns.resume_campaign(campaign=standing, by="Mara", at=LATER)
    again = buy(grocer, 1000, at=NOON - timedelta(days=7))
    resumed = buy(grocer, 1000, reference="2")

    assert [rejection.code for rejection in stopped.decision.rejections] == ["stopped"]
    assert again.decision == stopped.decision
    assert granted(resumed) == 10
    assert wallet(ada) == (10, 0)


def test_the_kill_switch_of_one_campaign_leaves_the_others(grocer, ada, standing):
    autumn = a_campaign(grocer, Fixed(units=50), key="autumn")
    campaigns.stop_campaign(campaign=autumn, by="Mara", at=NOON)

    answer = buy(grocer, 1000)

    assert granted(answer) == 10
    assert [(rejection.campaign, rejection.code) for rejection in answer.decision.rejections] == [("autumn", "stopped")]


@pytest.mark.parametrize(
    ("zone", "placed_at", "expires_at"),
    [
        # 365 days later is the last day; the points are gone when the next local day begins.
        ("Europe/Berlin", "2026-03-02T12:00:00Z", "2027-03-02T23:00:00Z"),
        ("UTC", "2026-03-02T12:00:00Z", "2027-03-03T00:00:00Z"),
        # Just before and at local midnight.
        ("Europe/Berlin", "2026-03-02T22:59:59.999999Z", "2027-03-02T23:00:00Z"),
        ("Europe/Berlin", "2026-03-02T23:00:00Z", "2027-03-03T23:00:00Z"),
        ("America/New_York", "2026-03-02T03:00:00Z", "2027-03-02T05:00:00Z"),
        ("Asia/Kolkata", "2026-03-02T20:00:00Z", "2027-03-03T18:30:00Z"),
        # The last day is the one on which the clocks change, in spring and in autumn.
        ("Europe/Berlin", "2026-03-28T12:00:00Z", "2027-03-28T22:00:00Z"),
        ("Europe/Berlin", "2026-10-31T12:00:00Z", "2027-10-31T23:00:00Z"),
        ("America/New_York", "2026-03-14T12:00:00Z", "2027-03-15T04:00:00Z"),
        # Bought on the day before the clocks change, and across a leap day.
        ("Europe/Berlin", "2026-03-29T00:59:59Z", "2027-03-29T22:00:00Z"),
        ("Europe/Berlin", "2027-03-01T12:00:00Z", "2028-02-29T23:00:00Z"),
    ],
)
def test_points_last_365_days_to_the_end_of_the_local_day(db, zone, placed_at, expires_at):
    programme = a_programme(time_zone=zone)
    ada = a_member(programme)
    a_campaign(programme, since=datetime(2025, 1, 1, tzinfo=UTC))

    answer = buy(programme, 1000, at=datetime.fromisoformat(placed_at))

    end = datetime.fromisoformat(expires_at)
    assert answer.earned[0].expires_at == Lot.objects.get().expires_at == end
    assert wallet(ada, at=end - INSTANT) == (10, 0)
    assert wallet(ada, at=end) == (0, 0)


def test_points_of_a_unit_without_expiry_stay(db):
    programme = a_programme()
    books.says(programme.units.get(), Policy())
    ada = a_member(programme)
    a_campaign(programme)

    answer = buy(programme, 1000)

    assert answer.earned[0].expires_at is None
    assert wallet(ada, at=NOON + timedelta(days=36_500)) == (10, 0)


def test_hours_are_those_of_the_shop_and_of_the_purchase_and_a_return_keeps_them(grocer, ada):
    grocer.shops.create(code="tokyo", name="Tokyo", time_zone="Asia/Tokyo")
    evening = {"field": "clock.time", "op": "gte", "value": "18:00"}
    a_campaign(grocer, rules(per_money(), when=evening))

    there = buy(grocer, goods(1000, pieces=2), reference="there", at=NOON, shop_code="tokyo")
    here = buy(grocer, 1000, reference="here", at=NOON)
    grocer.shops.filter(code="tokyo").update(time_zone="Europe/Berlin")
    returned = bring_back(grocer, (1, 1), of="there")

    assert (granted(there), granted(here)) == (10, 0)
    assert there.decision.known == {"clock.zone": "Asia/Tokyo"}
    assert here.decision.rejections[0].failure == Failure("clock.time", "gte", "18:00", "13:00")
    assert taken(returned) == 5
