"""Goods come back: what they earned goes back, exactly."""

from datetime import timedelta

import pytest

from campaigns import services as campaigns
from campaigns.definitions import Definition, Fixed, Mode, Rule
from campaigns.models import Decision
from campaigns.services import AcceptedReturn
from events.models import OutboxEvent
from ledger import services as ledger
from ledger.models import Posting
from ledger.queries import unit_of
from ledger.services import open_unit
from members.models import Member
from orders.errors import LineUnknown, OrderUnknown, ReturnContradicted, ReturnExceedsSale
from orders.facts import LineKind, TenderKind
from orders.models import Return, ReturnedLine
from tests.campaigns.trade import (
    LATER,
    NOON,
    a_campaign,
    back,
    books_are_sound,
    bring_back,
    buy,
    change,
    goods,
    granted,
    history,
    line,
    order,
    paid,
    per_money,
    rules,
    spend,
    taken,
    wallet,
)

DAY = timedelta(days=1)


def everything():
    return [model.objects.count() for model in (Return, ReturnedLine, Decision, Posting, OutboxEvent)]


def test_a_return_takes_back_what_the_rest_would_not_have_earned(grocer, ada, standing):
    earned = buy(grocer, 1050, 1050)
    assert granted(earned) == 21

    answer = bring_back(grocer, (1, 1), of="1")

    (item,) = answer.taken_back
    assert (item.order_id, item.unit, item.unit_decimals) == (earned.order_id, "points", 0)
    assert (item.amount, item.taken, item.lapsed, item.owed) == (11, 11, 0, 0)
    posting = Posting.objects.get(pk=item.posting_id)
    assert (posting.kind, posting.source, posting.actor, posting.occurred_at) == ("CLAW_BACK", "return", "test", LATER)
    assert posting.corrects_id == earned.earned[0].posting_id
    assert history(ada) == [("ACCRUE", 21), ("CLAW_BACK", -11)]
    assert wallet(ada) == (10, 0)
    assert books_are_sound()


def test_small_returns_take_back_together_what_one_big_one_does(grocer, ada, standing):
    buy(grocer, goods(999, pieces=10))

    amounts = [taken(bring_back(grocer, (1, 1), of="1", reference=f"R{number}")) for number in range(10)]

    assert amounts == [1, 1, 1, 1, 1, 1, 1, 1, 1, 0]
    assert wallet(ada) == (0, 0)
    assert books_are_sound()


def test_a_return_that_changes_no_whole_block_takes_nothing_back_and_is_on_record(grocer, ada, standing):
    buy(grocer, 1000, 50)

    answer = bring_back(grocer, (1, 2), of="1")

    assert (answer.fresh, answer.taken_back) == (True, ())
    assert Return.objects.count() == 1
    assert wallet(ada) == (10, 0)


def test_a_return_by_article_takes_back_from_each_sale_what_it_granted(grocer, ada, standing):
    old = buy(grocer, goods(400, pieces=2), reference="old", at=NOON - 2 * DAY)
    change(standing, per_money(units=5), at=NOON - DAY)
    new = buy(grocer, goods(400, pieces=2), reference="new", at=NOON)

    answer = bring_back(grocer, (3, "BREAD"))

    assert [(item.order_id, item.amount) for item in answer.taken_back] == [(old.order_id, 2), (new.order_id, 20)]
    assert wallet(ada) == (2, 0)


def test_the_versions_at_the_sale_decide_what_a_return_takes_back(grocer, ada, standing):
    buy(grocer, goods(2000, pieces=2))
    change(standing, per_money(units=10), at=NOON + DAY)

    assert taken(bring_back(grocer, (1, 1), of="1")) == 10
    assert wallet(ada) == (10, 0)


def test_a_stopped_campaign_still_takes_back_what_it_granted(grocer, ada, standing):
    buy(grocer, goods(2000, pieces=2))
    campaigns.stop_campaign(campaign=standing, by="Mara", at=NOON)

    assert taken(bring_back(grocer, (1, 1), of="1")) == 10


def test_an_order_that_earned_nothing_while_stopped_gives_nothing_back(grocer, ada, standing):
    campaigns.stop_campaign(campaign=standing, by="Mara", at=NOON)
    buy(grocer, goods(2000, pieces=2))
    campaigns.resume_campaign(campaign=standing, by="Mara", at=NOON)

    answer = bring_back(grocer, (1, 1), of="1")

    assert answer.taken_back == ()
    assert wallet(ada) == (0, 0)


def test_every_rule_takes_back_its_own_and_a_fixed_grant_goes_with_the_last_goods(grocer, ada):
    a_campaign(grocer, rules(per_money(), Fixed(units=50), per_money(units=10, per=1500)))
    earned = buy(grocer, 1000, 1000, line(LineKind.SHIPPING, 490))
    assert [item.grant.granted for item in earned.earned] == [20, 50, 10]

    first = bring_back(grocer, (1, 1), of="1", reference="R1")
    second = bring_back(grocer, (1, 2), of="1", reference="R2")

    assert [item.amount for item in first.taken_back] == [10, 10]
    assert [item.amount for item in second.taken_back] == [10, 50]
    assert wallet(ada) == (0, 0)
    assert books_are_sound()


def test_a_condition_that_the_rest_does_not_meet_takes_its_grant_back(grocer, ada):
    large = {"field": "order.total", "op": "gte", "value": 5000}
    a_campaign(grocer, Definition(rules=(Rule(key="large", effect=Fixed(units=100), when=large),)))
    buy(grocer, 4000, 1000)

    assert taken(bring_back(grocer, (1, 2), of="1", reference="R1")) == 100
    assert taken(bring_back(grocer, (1, 1), of="1", reference="R2")) == 0


def test_shares_of_discount_tax_and_points_paid_go_back_with_their_line(grocer, ada, standing):
    tenders = (paid(TenderKind.POINTS, 4500), paid(TenderKind.CARD, 4500))
    buy(grocer, goods(5000, 1, tax=1000), goods(5000, 2), discount=1000, tenders=tenders)
    assert wallet(ada) == (40, 0)

    assert taken(bring_back(grocer, (1, 1), of="1")) == 18
    assert wallet(ada) == (22, 0)


def test_a_return_of_a_guest_takes_nothing_back(grocer, standing):
    buy(grocer, 1000, customer_source="", customer="")

    answer = bring_back(grocer, (1, 1), of="1")

    assert (answer.fresh, answer.taken_back) == (True, ())
    assert Posting.objects.count() == 0


def test_a_return_of_a_member_blocked_since_still_takes_back(grocer, ada, standing):
    buy(grocer, 1000)
    Member.objects.update(status=Member.Status.BLOCKED)

    assert taken(bring_back(grocer, (1, 1), of="1")) == 10


def test_a_unit_with_decimals_goes_back_in_its_minor_units(grocer, ada):
    open_unit(programme_id=grocer.pk, code="credit", name="Credit", decimals=2)
    a_campaign(grocer, rules(per_money(units=5), unit="credit"))
    buy(grocer, 1000, 500)

    answer = bring_back(grocer, (1, 2), of="1")

    assert [(item.amount, item.unit, item.unit_decimals) for item in answer.taken_back] == [(25, "credit", 2)]
    assert OutboxEvent.objects.get(type="points.clawed_back").payload["amount"] == "0.25"


def test_facts_tell_of_the_return_and_of_what_it_took(grocer, ada, standing):
    sale = buy(grocer, 1000)
    answer = bring_back(grocer, (1, 1), of="1")

    about = {"id": answer.registered.return_id, "source": "till", "reference": "R1"}
    facts = OutboxEvent.objects.filter(type__in=["return.accepted", "points.clawed_back"]).order_by("pk")
    assert list(facts.values_list("programme_id", "type", "payload", "occurred_at")) == [
        (grocer.pk, "return.accepted", {"return": about, "member": ada.number}, LATER),
        (
            grocer.pk,
            "points.clawed_back",
            {
                "member": ada.number,
                "return": about,
                "order": {"id": sale.order_id, "source": "till", "reference": "1"},
                "posting": answer.taken_back[0].posting_id,
                "unit": "points",
                "amount": "10",
            },
            LATER,
        ),
    ]


def test_the_same_return_again_gets_the_equal_answer_and_writes_nothing(grocer, ada, standing):
    buy(grocer, goods(3000, pieces=3))
    first = bring_back(grocer, (2, 1), of="1")
    before = everything()

    again = bring_back(grocer, (2, 1), of="1")

    assert again.fresh is False
    assert again.taken_back == first.taken_back
    assert again.registered.parts == first.registered.parts
    assert again.registered.return_id == first.registered.return_id
    assert everything() == before
    assert wallet(ada) == (10, 0)


def test_a_batch_answers_every_return_in_its_place(grocer, ada, standing):
    buy(grocer, goods(3000, pieces=3))
    drafts = [
        back((1, 1), of="1", reference="R1"),
        back((1, 1), of="1", reference="R1"),
        back((2, 1), of="1", reference="R1"),
        back((3, 1), of="1", reference="R2"),
        back((1, 1), of="7", reference="R3"),
        back((1, 9), of="1", reference="R4"),
        back((2, "BREAD"), reference="R5"),
    ]

    first, repeat, contradicted, exceeding, unknown, no_line, rest = campaigns.accept_returns(
        programme=grocer, drafts=drafts, actor="test"
    )

    assert isinstance(first, AcceptedReturn)
    assert (first.fresh, taken(first)) == (True, 10)
    assert (repeat.fresh, repeat.taken_back) == (False, first.taken_back)
    assert isinstance(contradicted, ReturnContradicted)
    assert isinstance(exceeding, ReturnExceedsSale)
    assert isinstance(unknown, OrderUnknown)
    assert isinstance(no_line, LineUnknown)
    assert (rest.fresh, taken(rest)) == (True, 20)
    assert wallet(ada) == (0, 0)
    assert books_are_sound()


@pytest.mark.parametrize(
    ("draft", "refusal"),
    [
        (back((2, 1), of="1"), ReturnExceedsSale),
        (back((1, 2), of="1"), LineUnknown),
        (back((1, 1), of="2"), OrderUnknown),
    ],
)
def test_a_refused_return_changes_nothing(grocer, ada, standing, draft, refusal):
    buy(grocer, 1000)
    before = everything()

    with pytest.raises(refusal):
        campaigns.accept_return(programme=grocer, draft=draft, actor="test")

    assert everything() == before
    assert wallet(ada) == (10, 0)


def test_a_contradicting_return_changes_nothing(grocer, ada, standing):
    buy(grocer, goods(3000, pieces=3))
    bring_back(grocer, (1, 1), of="1")
    before = everything()

    with pytest.raises(ReturnContradicted):
        bring_back(grocer, (2, 1), of="1")

    assert everything() == before


def test_points_that_were_spent_are_owed_and_the_next_earning_pays_them(grocer, ada, standing):
    buy(grocer, 10000)
    spend(ada, 80)

    answer = bring_back(grocer, (1, 1), of="1")

    (item,) = answer.taken_back
    assert (item.amount, item.taken, item.lapsed, item.owed) == (100, 20, 0, 80)
    assert wallet(ada) == (0, 80)

    buy(grocer, 5000, reference="2", at=LATER)
    assert wallet(ada) == (0, 30)

    buy(grocer, 5000, reference="3", at=LATER + DAY)
    assert wallet(ada, at=LATER + DAY) == (20, 0)
    assert history(ada) == [
        ("ACCRUE", 100),
        ("BURN", -80),
        ("CLAW_BACK", -20),
        ("CLAW_BACK", -80),
        ("ACCRUE", 50),
        ("SETTLE", -50),
        ("SETTLE", 50),
        ("ACCRUE", 50),
        ("SETTLE", -30),
        ("SETTLE", 30),
    ]
    assert books_are_sound()


def test_a_return_takes_its_own_points_before_others(grocer, ada, standing):
    buy(grocer, 1000, reference="1", at=NOON - DAY)
    buy(grocer, 1000, reference="2", at=NOON)

    bring_back(grocer, (1, 1), of="2")
    spend(ada, 10, at=LATER)

    # What is left was earned first and expires first.
    assert wallet(ada) == (0, 0)
    assert books_are_sound()


def test_points_spent_of_the_returned_order_are_taken_from_the_others(grocer, ada, standing):
    buy(grocer, 1000, reference="1", at=NOON - DAY)
    spend(ada, 8, at=NOON - DAY)
    buy(grocer, 1000, reference="2", at=NOON)

    answer = bring_back(grocer, (1, 1), of="1")

    (item,) = answer.taken_back
    assert (item.taken, item.owed) == (10, 0)
    assert wallet(ada) == (2, 0)
    assert books_are_sound()


def test_points_that_expired_unspent_are_not_taken_a_second_time(grocer, ada, standing):
    buy(grocer, 1000, reference="old")
    much_later = NOON + 400 * DAY
    ledger.expire_lapsed(at=much_later)
    buy(grocer, 500, reference="new", at=much_later)

    answer = bring_back(grocer, (1, 1), of="old", at=much_later + DAY)

    (item,) = answer.taken_back
    assert (item.amount, item.taken, item.lapsed, item.owed) == (10, 0, 10, 0)
    assert wallet(ada, at=much_later + DAY) == (5, 0)
    assert books_are_sound()


def test_buying_and_returning_over_and_over_leaves_nothing(grocer, ada):
    a_campaign(grocer, rules(per_money(), Fixed(units=5)))

    for number in range(10):
        buy(grocer, 1999, reference=str(number), at=NOON + number * DAY)
        bring_back(grocer, (1, 1), of=str(number), reference=f"R{number}", at=NOON + number * DAY)

    assert wallet(ada) == (0, 0)
    assert books_are_sound()


def test_a_continuous_rate_takes_back_by_the_cent_what_it_gave_by_the_cent(grocer, ada):
    a_campaign(grocer, per_money(units=3, per=100, mode=Mode.CONTINUOUS))
    buy(grocer, goods(1000, pieces=3))
    assert wallet(ada) == (30, 0)

    amounts = [taken(bring_back(grocer, (1, 1), of="1", reference=f"R{number}")) for number in range(3)]

    # 6.66 are left, then 3.33, then nothing: 19, 9, 0 points.
    assert amounts == [11, 10, 9]


def test_points_in_a_hold_are_not_taken_and_the_rest_is_owed(grocer, ada, standing):
    buy(grocer, 1000)
    ledger.reserve(
        programme_id=grocer.pk,
        wallet_id=ada.wallet_id,
        unit_id=unit_of(grocer.pk, "points").pk,
        amount=6,
        source="test",
        reference="hold",
        at=LATER,
        until=LATER + timedelta(minutes=5),
    )

    answer = bring_back(grocer, (1, 1), of="1")

    (item,) = answer.taken_back
    assert (item.taken, item.owed) == (4, 6)
    assert books_are_sound()


def test_a_return_that_arrives_before_its_order_is_refused_and_accepted_behind_it(grocer, ada, standing):
    draft = back((1, 1), of="1")
    with pytest.raises(OrderUnknown):
        campaigns.accept_return(programme=grocer, draft=draft, actor="test")

    campaigns.accept_order(programme=grocer, draft=order(1000), actor="test")

    assert taken(campaigns.accept_return(programme=grocer, draft=draft, actor="test")) == 10
