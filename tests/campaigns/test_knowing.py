"""Rules that ask about members: what is looked up, when, and what is kept of it."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import services as campaigns
from campaigns.definitions import Fixed
from campaigns.errors import DefinitionInvalid
from members.attributes.services import change_tags, set_attributes
from members.models import MemberAttribute
from orders.models import ContextAttribute, Order
from shops import attributes
from tests.campaigns.trade import (
    LATER,
    NOON,
    a_campaign,
    a_member,
    a_programme,
    bring_back,
    buy,
    goods,
    granted,
    order,
    per_money,
    rules,
    taken,
)


def a_test(field, op, value):
    return {"field": field, "op": op, "value": value}


def so_far(measure="count", op="eq", value=0, within="ever", history="orders", **more):
    return {"history": history, "measure": measure, "within": within, "op": op, "value": value, **more}


FIRST_ORDER = so_far()
SPENT_50_THIS_MONTH = so_far("sum", "gte", 5000, {"period": "current", "unit": "month"}, of="order.total")


def days(number):
    return NOON + timedelta(days=number)


def ten_points_if(programme, condition):
    return a_campaign(programme, rules(Fixed(units=10), when=condition))


def test_a_first_order_is_one_before_which_there_was_none(grocer, ada):
    ten_points_if(grocer, FIRST_ORDER)

    assert granted(buy(grocer, 1000)) == 10
    assert granted(buy(grocer, 1000, reference="2", at=days(1))) == 0


def test_what_was_known_is_kept_and_said(grocer, ada):
    ten_points_if(grocer, SPENT_50_THIS_MONTH)
    buy(grocer, 4999)

    answer = buy(grocer, 1000, reference="2", at=days(1))

    (missed,) = answer.decision.rejections
    assert (missed.field, missed.op, missed.required, missed.observed) == ("orders", "gte", 5000, 4999)
    assert list(answer.decision.known.values()) == [4999]


def test_what_came_back_was_not_spent(grocer, ada):
    ten_points_if(grocer, SPENT_50_THIS_MONTH)
    buy(grocer, goods(3000, pieces=3), 2500)
    bring_back(grocer, (1, 1), of="1", at=days(1))

    below = buy(grocer, 100, reference="2", at=days(2))
    bring_back(grocer, (2, 1), (1, 2), of="1", reference="R2", at=days(3))
    nothing = buy(grocer, 100, reference="3", at=days(4))

    assert [row.observed for row in (*below.decision.rejections, *nothing.decision.rejections)] == [4500, 100]


def test_an_order_of_which_all_goods_came_back_was_none(grocer, ada):
    ten_points_if(grocer, FIRST_ORDER)
    buy(grocer, 1000)
    bring_back(grocer, (1, 1), of="1", at=days(1))

    assert granted(buy(grocer, 1000, reference="2", at=days(2))) == 10


def test_a_return_finds_the_world_of_the_sale(grocer, ada):
    a_campaign(grocer, rules(per_money(), when=FIRST_ORDER))
    buy(grocer, goods(1000, pieces=2), reference="1")
    buy(grocer, 1000, reference="2", at=days(1))

    assert taken(bring_back(grocer, (1, 1), of="1", at=LATER)) == 5


def test_a_return_finds_what_a_stopped_campaign_would_have_asked(grocer, ada):
    a_campaign(grocer, per_money(), key="base")
    friday = ten_points_if(grocer, {"all": [a_test("clock.weekday", "eq", "fri"), FIRST_ORDER]})
    campaigns.stop_campaign(campaign=friday, by="Mara", at=NOON)
    answer = buy(grocer, goods(1000, pieces=2))

    assert sorted(answer.decision.known.values(), key=str) == [0, "Europe/Berlin"]
    assert taken(bring_back(grocer, (1, 1), of="1", at=LATER)) == 5


def test_an_order_in_the_same_moment_is_not_before(grocer, ada):
    ten_points_if(grocer, FIRST_ORDER)
    buy(grocer, 1000)

    assert granted(buy(grocer, 1000, reference="2")) == 10


def test_only_rules_that_ask_cost_a_round_trip(grocer, ada):
    campaign = a_campaign(grocer, rules(Fixed(units=10), when=a_test("clock.weekday", "eq", "mon")))
    buy(grocer, 1000, reference="warm")
    with CaptureQueriesContext(
        connection,
    ) as without:
        buy(grocer, 1000, reference="2")
    asking = rules(Fixed(units=10), when={"all": [FIRST_ORDER, SPENT_50_THIS_MONTH, a_test("member.years", "gte", 1)]})
    campaigns.save_draft(campaign=campaign, definition=asking, by="Mara", at=NOON)
    campaigns.publish_draft(campaign=campaign, by="Mara", at=NOON)
    buy(grocer, 1000, reference="warm again")

    with CaptureQueriesContext(connection) as with_asking:
        buy(grocer, 1000, reference="3")

    assert len(with_asking) == len(without) + 1


def test_tags_and_attributes_are_asked(grocer, ada):
    attributes.declare(MemberAttribute, programme=grocer, key="shirt", kind="text", label="Shirt", default="M")
    ten_points_if(
        grocer, {"all": [a_test("member.tags", "has_any", ["vip"]), a_test("member.custom.shirt", "eq", "XL")]}
    )

    plain = buy(grocer, 1000)
    change_tags(member=ada, add=["vip"], at=NOON)
    tagged = buy(grocer, 1000, reference="2")
    set_attributes(member=ada, values={"shirt": "XL"}, at=NOON)

    assert [row.field for row in (*plain.decision.rejections, *tagged.decision.rejections)] == [
        "member.tags",
        "member.custom.shirt",
    ]
    assert tagged.decision.rejections[0].observed == "M"
    assert granted(buy(grocer, 1000, reference="3")) == 10


def test_what_the_caller_tells_is_asked_and_kept(grocer, ada):
    attributes.declare(ContextAttribute, programme=grocer, key="weather", kind="text", label="Weather", default="dry")
    ten_points_if(grocer, a_test("context.weather", "eq", "rain"))

    wet = buy(grocer, 1000, context={"weather": "rain"})
    untold = buy(grocer, 1000, reference="2")

    assert (granted(wet), wet.decision.known) == (10, {"context.weather": "rain"})
    assert (granted(untold), untold.decision.rejections[0].observed) == (0, "dry")


@pytest.mark.parametrize(
    ("context", "pointer", "expected"),
    [
        ({"moon": "full"}, "/context/moon", ["weather"]),
        ({"weather": 7}, "/context/weather", "text"),
        ({"weather": ""}, "/context/weather", "text"),
        ({"weather": "x" * 201}, "/context/weather", "text of at most 200 characters"),
    ],
)
def test_what_was_not_declared_is_refused(grocer, ada, context, pointer, expected):
    attributes.declare(ContextAttribute, programme=grocer, key="weather", kind="text", label="Weather")

    (refusal,) = campaigns.accept_orders(programme=grocer, drafts=[order(1000, context=context)], actor="test")

    assert (refusal.facts["pointer"], refusal.facts["expected"]) == (pointer, expected)
    assert not Order.objects.exists()


def test_words_of_another_programme_are_unknown(grocer):
    attributes.declare(MemberAttribute, programme=a_programme("baker"), key="shirt", kind="text", label="Shirt")

    with pytest.raises(DefinitionInvalid) as refusal:
        ten_points_if(grocer, a_test("member.custom.shirt", "eq", "XL"))

    assert refusal.value.facts["pointer"] == "/rules/0/when/field"


ASKING = [
    FIRST_ORDER,
    SPENT_50_THIS_MONTH,
    so_far("last", "lte", 1),
    so_far("sum", "lt", 3000, "ever", "lines", of="line.quantity", where=a_test("line.sku", "eq", "BREAD")),
    a_test("order.total", "gte", 2000),
]
DRAFTS = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob", ""]),
        st.integers(0, 3),
        st.sampled_from([1000, 2600, 5000]),
        st.integers(1, 6),
    ),
    min_size=1,
    max_size=7,
)


@pytest.mark.django_db
@settings(max_examples=40)
@given(DRAFTS, st.lists(st.sampled_from(ASKING), min_size=1, max_size=3))
def test_a_batch_decides_as_one_by_one(bought, conditions):
    with transaction.atomic():
        drafts = [
            order(amount, reference=str(reference), at=days(day), customer=who, customer_source="till" if who else "")
            for who, day, amount, reference in bought
        ]
        at_once, alone = a_market("at-once", conditions), a_market("alone", conditions)

        together = campaigns.accept_orders(programme=at_once, drafts=drafts, actor="test")
        apart = [campaigns.accept_orders(programme=alone, drafts=[draft], actor="test")[0] for draft in drafts]

        assert [told(answer) for answer in together] == [told(answer) for answer in apart]
        transaction.set_rollback(True)


def a_market(key, conditions):
    programme = a_programme(key)
    for who in ("ada", "bob"):
        a_member(programme, who)
    for number, condition in enumerate(conditions):
        a_campaign(programme, rules(Fixed(units=10), when=condition), key=f"c{number}")
    return programme


def told(answer):
    if not hasattr(answer, "decision"):
        return answer.code
    decision = answer.decision
    return answer.fresh, granted(answer), decision.known, [row.failure for row in decision.rejections]
