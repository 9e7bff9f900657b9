"""Orders that ask for offers: stated at list prices, kept and paid at what the offers leave."""

import pytest

from campaigns import services as campaigns
from campaigns.definitions import Count, Definition, Limit, Per, PerMoney, Rule
from campaigns.definitions.discounts import AmountOff, PercentOff
from campaigns.models import Counter, Decision
from kernel.errors import DomainError
from members.models import Member
from orders.errors import OrderInvalid
from orders.facts import TenderKind
from orders.models import Order
from tests.campaigns.trade import (
    a_campaign,
    books_are_sound,
    bring_back,
    buy,
    goods,
    granted,
    order,
    paid,
    taken,
    wallet,
)


def on(field, op, value):
    return {"field": field, "op": op, "value": value}


EARN = Rule(key="earn", effect=PerMoney(1, 100))
TEN = Rule(key="ten", effect=PercentOff(1000))


def offers(*rules, **fields):
    return Definition(rules=rules, **fields)


def shop(programme, *lines, **fields):
    return buy(programme, *lines, wants_offers=True, **fields)


def off(answer):
    return {cut.rule: cut.amount for cut in answer.decision.discounts}


def test_an_order_that_asks_for_offers_is_kept_at_its_new_prices(grocer, ada):
    a_campaign(grocer, offers(TEN, EARN))

    answer = shop(grocer, 6000, 4000, tenders=(paid(TenderKind.CARD, 9000),))

    assert (off(answer), granted(answer)) == ({"ten": 1000}, 90)
    kept = Order.objects.get()
    assert (kept.total, [line["discount"] for line in kept.lines]) == (9000, [600, 400])
    assert books_are_sound()


def test_an_order_that_does_not_ask_is_kept_as_it_is(grocer, ada):
    a_campaign(grocer, offers(TEN, EARN))

    answer = buy(grocer, 10_000)

    assert (off(answer), granted(answer), Order.objects.get().total) == ({}, 100, 10_000)


def test_what_was_paid_has_to_be_what_the_offers_leave(grocer, ada):
    a_campaign(grocer, offers(Rule(key="ten", effect=PercentOff(1000), limits=(Limit(Count.EXECUTIONS, 5),)), EARN))

    with pytest.raises(OrderInvalid) as refusal:
        shop(grocer, 10_000, tenders=(paid(TenderKind.CARD, 10_000),))

    assert refusal.value.facts == {
        "pointer": "/tenders",
        "problem": 10_000,
        "expected": "the order's total behind its offers",
        "bound": 9000,
    }
    assert [model.objects.count() for model in (Order, Decision, Counter)] == [0, 0, 0]
    assert wallet(ada) == (0, 0)


def test_in_a_batch_an_order_that_was_not_paid_leaves_its_offer_to_the_next(grocer, ada):
    a_campaign(grocer, offers(Rule(key="ten", effect=PercentOff(1000), limits=(Limit(Count.EXECUTIONS, 1),))))
    drafts = [
        order(1000, reference="wrong", wants_offers=True, tenders=(paid(TenderKind.CARD, 1000),)),
        order(1000, reference="right", wants_offers=True, tenders=(paid(TenderKind.CARD, 900),)),
    ]

    wrong, right = campaigns.accept_orders(programme=grocer, drafts=drafts, actor="test")

    assert isinstance(wrong, DomainError)
    assert off(right) == {"ten": 100}
    assert [stored.reference for stored in Order.objects.all()] == ["right"]


def test_a_repeat_gets_the_first_answer(grocer, ada):
    a_campaign(grocer, offers(TEN, EARN))

    first, again = shop(grocer, 10_000), shop(grocer, 10_000)

    assert (first.fresh, again.fresh, again.decision) == (True, False, first.decision)


def test_a_code_opens_an_offer_and_is_kept(grocer, ada):
    """PC-019: without the code nothing, with it the offer."""
    a_campaign(grocer, offers(Rule(key="ten", effect=PercentOff(1000), when=on("order.codes", "has_any", ["TEN"]))))

    without = shop(grocer, 1000, reference="without")
    with_it = shop(grocer, 1000, reference="with", codes=("TEN", "OTHER"))

    assert (off(without), off(with_it)) == ({}, {"ten": 100})
    assert without.decision.rejections[0].code == "condition_failed"
    assert Order.objects.get(reference="with").codes == ["TEN", "OTHER"]


def test_a_code_that_earns_is_known_when_goods_come_back(grocer, ada):
    earns = Rule(key="earn", effect=PerMoney(1, 100), when=on("order.codes", "has_any", ["TEN"]))
    a_campaign(grocer, offers(earns))
    buy(grocer, goods(2000, pieces=2), codes=("TEN",))

    assert taken(bring_back(grocer, (1, 1), of="1")) == 10
    assert wallet(ada) == (10, 0)


def test_goods_that_come_back_take_their_part_of_the_offer_along(grocer, ada):
    budget = Rule(key="ten", effect=PercentOff(1000), limits=(Limit(Count.DISCOUNT, 5000), Limit(Count.EXECUTIONS, 9)))
    a_campaign(grocer, offers(budget, EARN))
    answer = shop(grocer, goods(8000, 1, pieces=4), goods(2000, 2))

    first = bring_back(grocer, (1, 1), of="1")
    used_then = {counter.slot.split("/")[2]: counter.used for counter in Counter.objects.all()}
    last = bring_back(grocer, (3, 1), (1, 2), of="1", reference="R2")
    used_at_last = {counter.slot.split("/")[2]: counter.used for counter in Counter.objects.all()}

    assert (granted(answer), taken(first), taken(last)) == (90, 18, 72)
    assert (used_then, used_at_last) == ({"discount": 800, "executions": 1}, {"discount": 0, "executions": 0})
    assert wallet(ada) == (0, 0)
    assert books_are_sound()


def test_a_guest_gets_the_offers_that_ask_nothing_of_members_and_no_points(grocer):
    asks = Rule(key="loyal", effect=PercentOff(2000), when=on("member.has_email", "eq", False))
    each = Rule(key="once", effect=AmountOff(300), limits=(Limit(Count.EXECUTIONS, 1, Per.MEMBER),))
    a_campaign(grocer, offers(TEN, asks, each, EARN))

    answer = shop(grocer, 1000, customer="", customer_source="")

    assert (off(answer), answer.earned) == ({"ten": 100}, ())
    assert [rejection.code for rejection in answer.decision.rejections] == ["no_member"]
    assert Order.objects.get().total == 900


def test_a_blocked_member_pays_what_a_guest_pays(grocer, ada):
    a_campaign(grocer, offers(TEN, EARN))
    Member.objects.update(status=Member.Status.BLOCKED)

    answer = shop(grocer, 1000)

    assert (off(answer), answer.earned) == ({"ten": 100}, ())
    assert [rejection.code for rejection in answer.decision.rejections] == ["member_blocked"]
