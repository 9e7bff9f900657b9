"""Limits on orders and events that are put on record: counted, announced, given back."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns import services as campaigns
from campaigns.definitions import Count, Definition, Fixed, Limit, Multipliers, Per, PerMoney, Rule
from campaigns.models import Campaign, Counter
from events.models import OutboxEvent
from tests.campaigns.happenings import a_type, happen
from tests.campaigns.trade import (
    NOON,
    a_campaign,
    a_member,
    books_are_sound,
    bring_back,
    buy,
    change,
    goods,
    granted,
    order,
    taken,
    wallet,
)

SOCIAL = Limit(Count.UNITS, 100, Per.MEMBER, "month")
BERLIN = ZoneInfo("Europe/Berlin")


def giving(effect, *limits, key="gift", **fields):
    return Definition(rules=(Rule(key=key, effect=effect, limits=limits, **fields),), multipliers=Multipliers())


def counters():
    return {(counter.slot, counter.place): counter.used for counter in Counter.objects.all()}


def buy_some(programme, count, amount=1000, **fields):
    return [granted(buy(programme, amount, reference=f"o{number}", **fields)) for number in range(count)]


def test_social_activity_earns_a_hundred_points_a_month(grocer, ada):
    """PC-181: 40, 40, 20, 0, and the next month begins anew."""
    a_type(grocer, key="like")
    a_campaign(grocer, giving(Fixed(40), SOCIAL, trigger="event:like"))

    def like(number, at=NOON):
        answer = happen(grocer, reference=f"l{number}", type="like", at=at)
        return sum(earned.grant.granted for earned in answer.earned)

    assert [like(number) for number in range(4)] == [40, 40, 20, 0]
    assert like(5, datetime(2026, 4, 1, tzinfo=BERLIN)) == 40
    assert {place.partition("/")[2]: used for (_, place), used in counters().items()} == {"2026-03": 100, "2026-04": 40}
    assert wallet(ada, datetime(2026, 4, 2, tzinfo=BERLIN)) == (140, 0)


def test_a_month_begins_at_midnight_where_the_programme_is(grocer, ada):
    a_campaign(grocer, giving(Fixed(60), SOCIAL))

    late = buy(grocer, 100, reference="late", at=datetime(2026, 3, 31, 23, 59, tzinfo=BERLIN))
    again = buy(grocer, 100, reference="again", at=datetime(2026, 3, 31, 23, 59, 59, tzinfo=BERLIN))
    next_month = buy(grocer, 100, reference="next", at=datetime(2026, 4, 1, tzinfo=BERLIN))

    assert [granted(one) for one in (late, again, next_month)] == [60, 40, 60]


@pytest.mark.parametrize(
    ("period", "place"),
    [
        ("", ""),
        ("day", "2026-03-02"),
        ("week", "2026-W10"),
        ("month", "2026-03"),
        ("quarter", "2026-Q1"),
        ("year", "2026"),
    ],
)
def test_a_use_is_counted_in_the_period_it_falls_in(grocer, ada, period, place):
    a_campaign(grocer, giving(Fixed(60), Limit(Count.UNITS, 100, Per.ALL, period)))

    buy(grocer, 100)

    assert counters() == {(f"used:standing/gift/units/all/{period}", f"/{place}"): 60}


def test_each_member_and_each_shop_has_its_own_count(grocer, ada):
    ben = a_member(grocer, "ben")
    for code in ("east", "west"):
        grocer.shops.create(code=code, name=code)
    limits = (Limit(Count.EXECUTIONS, 2, Per.SHOP), Limit(Count.EXECUTIONS, 2, Per.MEMBER))
    a_campaign(grocer, giving(Fixed(1), *limits))

    given = [
        granted(buy(grocer, 100, reference=str(number), customer=who, shop_code=where))
        for number, (who, where) in enumerate(
            [("ada", "east"), ("ben", "east"), ("ada", "east"), ("ada", "west"), ("ada", "west"), ("ben", "west")]
        )
    ]

    assert given == [1, 1, 0, 1, 0, 1]
    assert counters() == {
        ("used:standing/gift/executions/shop/", "shop east/"): 2,
        ("used:standing/gift/executions/shop/", "shop west/"): 2,
        ("used:standing/gift/executions/member/", f"member {ada.pk}/"): 2,
        ("used:standing/gift/executions/member/", f"member {ben.pk}/"): 2,
    }


def test_orders_of_a_batch_share_what_is_left_in_their_order(grocer, ada):
    a_campaign(grocer, giving(Fixed(40), SOCIAL))

    answers = campaigns.accept_orders(
        programme=grocer, drafts=[order(100, reference=str(number)) for number in range(4)], actor="test"
    )

    assert [granted(answer) for answer in answers] == [40, 40, 20, 0]
    assert list(counters().values()) == [100]
    assert books_are_sound()


def test_an_order_that_is_sent_again_is_not_counted_again(grocer, ada):
    a_campaign(grocer, giving(Fixed(40), SOCIAL))

    buy(grocer, 100)
    buy(grocer, 100)

    assert list(counters().values()) == [40]


def test_a_new_version_counts_on(grocer, ada):
    campaign = a_campaign(grocer, giving(Fixed(40), SOCIAL))
    buy_some(grocer, 2)

    change(campaign, giving(Fixed(40), Limit(Count.UNITS, 90, Per.MEMBER, "month")), NOON)

    assert granted(buy(grocer, 100, reference="new")) == 10


def test_a_balance_never_grows_beyond_its_cap(grocer, ada):
    """PC-030: what is left of the cap is given, and when points were spent there is room again."""
    a_campaign(grocer, giving(Fixed(40), Limit(Count.BALANCE, 100, Per.MEMBER)))

    assert buy_some(grocer, 4) == [40, 40, 20, 0]
    assert counters() == {}


def test_a_return_gives_back_what_it_used(grocer, ada):
    a_campaign(grocer, giving(PerMoney(1, 100), Limit(Count.UNITS, 30), Limit(Count.EXECUTIONS, 5)))
    buy(grocer, goods(4000, pieces=4))

    first = bring_back(grocer, (1, 1), of="1")
    left_after_one = counters()
    second = bring_back(grocer, (2, 1), of="1", reference="R2")
    left_after_three = counters()
    last = bring_back(grocer, (1, 1), of="1", reference="R3")

    # Forty were wanted and thirty given: one piece of four changes nothing.
    assert [taken(one) for one in (first, second, last)] == [0, 20, 10]
    assert [list(left.values()) for left in (left_after_one, left_after_three, counters())] == [
        [1, 30],
        [1, 10],
        [0, 0],
    ]
    assert granted(buy(grocer, 5000, reference="again")) == 30


def test_a_limit_may_keep_what_was_used(grocer, ada):
    a_campaign(grocer, giving(Fixed(30), Limit(Count.EXECUTIONS, 5, gives_back=False)))
    buy(grocer, goods(1000))

    bring_back(grocer, (1, 1), of="1")

    assert list(counters().values()) == [1]


def test_a_return_that_is_sent_again_gives_back_once(grocer, ada):
    a_campaign(grocer, giving(Fixed(30), Limit(Count.EXECUTIONS, 5)))
    buy_some(grocer, 3)
    buy(grocer, goods(1000))

    bring_back(grocer, (1, 1), of="1")
    bring_back(grocer, (1, 1), of="1")

    assert list(counters().values()) == [3]


def reached():
    facts = OutboxEvent.objects.filter(type="limit.reached").order_by("pk")
    return [(fact.payload["percent"], fact.payload["used"], fact.payload["most"]) for fact in facts]


def test_thresholds_are_announced_once_each(grocer, ada):
    a_campaign(grocer, giving(Fixed(30), Limit(Count.UNITS, 100)))

    assert buy_some(grocer, 5) == [30, 30, 30, 10, 0]

    assert reached() == [(50, 60, 100), (80, 90, 100), (95, 100, 100), (100, 100, 100)]
    assert OutboxEvent.objects.filter(type="limit.reached").first().payload == {
        "campaign": "standing",
        "rule": "gift",
        "count": "units",
        "shop": "",
        "each": "",
        "period": "",
        "used": 60,
        "most": 100,
        "percent": 50,
    }


def test_what_one_member_uses_up_is_no_news(grocer, ada):
    a_campaign(grocer, giving(Fixed(60), SOCIAL))

    buy_some(grocer, 2)

    assert reached() == []


def test_a_campaign_whose_limit_says_so_stops_and_says_why(grocer, ada):
    a_campaign(grocer, giving(Fixed(60), Limit(Count.UNITS, 100, over="pause")))

    assert buy_some(grocer, 3) == [60, 40, 0]

    campaign = Campaign.objects.get()
    assert (campaign.stopped_at, campaign.stopped_by) == (NOON, "limit")
    stopped = OutboxEvent.objects.get(type="campaign.stopped")
    assert stopped.payload == {"campaign": "standing", "by": "limit"}
    assert buy(grocer, 100, reference="late").decision.rejections[0].code == "stopped"
