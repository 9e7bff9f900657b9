"""A return is on record once, matched to what was sold, and never takes back more than that."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from orders.errors import LineUnknown, OrderInvalid, OrderUnknown, ReturnContradicted, ReturnExceedsSale
from orders.facts import PIECE, LineKind, ReturnedPart, ReturnLine
from orders.models import Return, ReturnedLine
from orders.services import RegisteredReturn, register_returns
from tests.campaigns import trade
from tests.campaigns.trade import LATER, NOON, back, goods, order
from tests.orders.records import registered

DAY = timedelta(days=1)


def register(programme, *drafts):
    with transaction.atomic():
        return register_returns(programme=programme, drafts=drafts)


def sell(programme, *lines, **fields):
    """Put an order of these lines on record; its id."""
    (answer,) = registered(programme, [order(*lines, **fields)])
    return answer.order_id


def counts():
    """What came back so far: by order and line, in pieces."""
    return {
        (row.order_id, row.line_no): row.returned // PIECE for row in ReturnedLine.objects.order_by("order", "line_no")
    }


def test_a_return_of_an_order_names_the_lines_that_came_back(grocer, ada):
    sold = sell(grocer, goods(900, 1, pieces=3), goods(500, 2, "MILK"))

    (answer,) = register(grocer, back((2, 1), (1, 2), of="1"))

    assert isinstance(answer, RegisteredReturn)
    assert answer.fresh
    assert answer.parts == (ReturnedPart(sold, 1, 2 * PIECE), ReturnedPart(sold, 2, PIECE))
    assert answer.unmatched == ()
    assert answer.returned == {sold: {1: 2 * PIECE, 2: PIECE}}
    stored = Return.objects.get()
    assert (stored.pk, stored.source, stored.reference, stored.returned_at) == (answer.return_id, "till", "R1", LATER)
    assert stored.lines == [
        {"order_id": sold, "line_no": 1, "quantity": 2 * PIECE},
        {"order_id": sold, "line_no": 2, "quantity": PIECE},
    ]
    assert counts() == {(sold, 1): 2, (sold, 2): 1}


def test_a_return_of_an_order_belongs_to_the_member_who_bought(grocer, ada):
    sell(grocer, 500)

    register(grocer, back((1, 1), of="1"))

    assert Return.objects.get().member == ada


def test_lines_may_come_back_bit_by_bit_until_all_is_back(grocer, ada):
    sold = sell(grocer, goods(900, pieces=3))

    register(grocer, back((1, 1), of="1", reference="R1"))
    (second,) = register(grocer, back((2, 1), of="1", reference="R2"))

    assert second.returned == {sold: {1: 3 * PIECE}}
    assert counts() == {(sold, 1): 3}


def test_weights_come_back_in_parts_of_a_piece(grocer, ada):
    sold = sell(grocer, trade.Line(no=1, sku="CHEESE", quantity=750, amount=1500))
    draft = trade.ReturnDraft(
        source="till", reference="R1", returned_at=LATER, lines=(ReturnLine(250, line_no=1),), order_reference="1"
    )

    (answer,) = register(grocer, draft)

    assert answer.parts == (ReturnedPart(sold, 1, 250),)


def test_a_line_named_twice_in_a_return_is_added_up(grocer, ada):
    sold = sell(grocer, goods(900, pieces=3))

    (answer,) = register(grocer, back((1, 1), (2, 1), of="1"))

    assert answer.parts == (ReturnedPart(sold, 1, 3 * PIECE),)


@pytest.mark.parametrize("what", [[(4, 1)], [(2, 1), (2, 1)], [(1, 2), (4, 1)]])
def test_more_than_was_sold_is_refused_and_nothing_changes(grocer, ada, what):
    sell(grocer, goods(900, 1, pieces=3), goods(500, 2, "MILK"))

    (refusal,) = register(grocer, back(*what, of="1"))

    assert isinstance(refusal, ReturnExceedsSale)
    assert refusal.facts == {"line": 1, "sold": 3 * PIECE, "returned": 0, "asked": 4 * PIECE}
    assert Return.objects.count() == 0
    assert counts() == {}


def test_a_second_return_of_the_same_line_is_refused_with_what_came_back_before(grocer, ada):
    sold = sell(grocer, goods(900, pieces=3))
    register(grocer, back((2, 1), of="1", reference="R1"))

    (refusal,) = register(grocer, back((2, 1), of="1", reference="R2"))

    assert isinstance(refusal, ReturnExceedsSale)
    assert refusal.facts == {"line": 1, "sold": 3 * PIECE, "returned": 2 * PIECE, "asked": 2 * PIECE}
    assert counts() == {(sold, 1): 2}


def test_the_same_return_again_is_a_repeat(grocer, ada):
    sold = sell(grocer, goods(900, pieces=3))
    (first,) = register(grocer, back((2, 1), of="1"))

    (again,) = register(grocer, back((2, 1), of="1"))

    assert (again.return_id, again.fresh, again.parts) == (first.return_id, False, first.parts)
    assert counts() == {(sold, 1): 2}


def test_in_one_batch_a_return_is_registered_once(grocer, ada):
    sold = sell(grocer, goods(900, pieces=3))

    first, repeat, contradiction = register(grocer, back((2, 1), of="1"), back((2, 1), of="1"), back((1, 1), of="1"))

    assert (repeat.return_id, repeat.fresh, repeat.parts) == (first.return_id, False, first.parts)
    assert isinstance(contradiction, ReturnContradicted)
    assert counts() == {(sold, 1): 2}


def test_the_same_reference_with_another_content_is_refused(grocer, ada):
    sold = sell(grocer, goods(900, pieces=3))
    register(grocer, back((2, 1), of="1"))

    (refusal,) = register(grocer, back((1, 1), of="1"))

    assert isinstance(refusal, ReturnContradicted)
    assert refusal.facts == {"source": "till", "reference": "R1"}
    assert counts() == {(sold, 1): 2}


def test_an_unknown_order_is_refused(grocer, ada):
    sell(trade.a_programme("florist"), 500)
    sell(grocer, 500, source="web")

    (refusal,) = register(grocer, back((1, 1), of="1"))

    assert isinstance(refusal, OrderUnknown)
    assert refusal.facts == {"source": "till", "reference": "1"}
    assert Return.objects.count() == 0


@pytest.mark.parametrize("what", [(1, 7), (1, "BREAD")])
def test_a_line_the_order_does_not_have_is_refused(grocer, ada, what):
    sell(grocer, 500)

    (refusal,) = register(grocer, back((1, 1), what, of="1"))

    assert isinstance(refusal, LineUnknown)
    assert refusal.facts == {"line": 7 if what == (1, 7) else None}
    assert counts() == {}


@pytest.mark.parametrize(
    ("draft", "pointer", "problem", "expected"),
    [
        (back(of="1"), "/lines", "empty", "at least one line"),
        (back((1, 1), (0, 1), of="1"), "/lines/1/quantity", 0, "more than 0"),
        (back((-1, "BREAD")), "/lines/0/quantity", -PIECE, "more than 0"),
    ],
)
def test_a_return_of_nothing_is_refused(grocer, ada, draft, pointer, problem, expected):
    sell(grocer, 500)

    (refusal,) = register(grocer, draft)

    assert isinstance(refusal, OrderInvalid)
    assert refusal.facts == {"pointer": pointer, "problem": problem, "expected": expected}
    assert Return.objects.count() == 0


def test_an_adjustment_does_not_come_back(grocer, ada):
    sell(grocer, goods(500, 1), trade.Line(no=2, sku="ROUND", quantity=0, amount=-1, kind=LineKind.ADJUSTMENT))

    (refusal,) = register(grocer, back((1, 2), of="1"))

    assert isinstance(refusal, ReturnExceedsSale)


def test_sound_returns_beside_a_refused_one_are_registered(grocer, ada):
    sold = sell(grocer, goods(900, pieces=3))

    answers = register(
        grocer,
        back((1, 1), of="1", reference="R1"),
        back((3, 1), of="1", reference="R2"),
        back((1, 1), of="9", reference="R3"),
        back((2, 1), of="1", reference="R4"),
    )

    assert [type(answer) for answer in answers] == [
        RegisteredReturn,
        ReturnExceedsSale,
        OrderUnknown,
        RegisteredReturn,
    ]
    assert answers[3].returned == {sold: {1: 3 * PIECE}}
    assert counts() == {(sold, 1): 3}


def test_without_an_order_the_newest_purchase_of_the_article_comes_back_first(grocer, ada):
    old = sell(grocer, goods(400, pieces=2), reference="1", at=NOON - 2 * DAY)
    new = sell(grocer, goods(400, pieces=2), reference="2", at=NOON - DAY)

    (answer,) = register(grocer, back((3, "BREAD")))

    assert answer.parts == (ReturnedPart(new, 1, 2 * PIECE), ReturnedPart(old, 1, PIECE))
    assert answer.unmatched == ()
    assert Return.objects.get().member == ada
    assert counts() == {(old, 1): 1, (new, 1): 2}


def test_in_one_order_the_first_line_of_the_article_comes_back_first(grocer, ada):
    sold = sell(grocer, goods(200, 1), goods(300, 2, "MILK"), goods(200, 3))

    (answer,) = register(grocer, back((1, "BREAD")))

    assert answer.parts == (ReturnedPart(sold, 1, PIECE),)


def test_a_purchase_behind_the_return_does_not_explain_it(grocer, ada):
    at_once = sell(grocer, 200, reference="1", at=LATER)
    sell(grocer, 200, reference="2", at=LATER + timedelta(microseconds=1))

    (answer,) = register(grocer, back((2, "BREAD")))

    assert answer.parts == (ReturnedPart(at_once, 1, PIECE),)
    assert answer.unmatched == (ReturnLine(PIECE, sku="BREAD"),)


def test_what_no_purchase_explains_is_kept_as_unmatched(grocer, ada):
    sold = sell(grocer, goods(400, pieces=2))

    (answer,) = register(grocer, back((5, "BREAD"), (1, "MILK")))

    assert answer.parts == (ReturnedPart(sold, 1, 2 * PIECE),)
    assert answer.unmatched == (ReturnLine(3 * PIECE, sku="BREAD"), ReturnLine(PIECE, sku="MILK"))
    assert Return.objects.get().unmatched == [
        {"quantity": 3 * PIECE, "sku": "BREAD"},
        {"quantity": PIECE, "sku": "MILK"},
    ]


def test_purchases_of_another_member_or_programme_explain_nothing(grocer, ada):
    florist = trade.a_programme("florist")
    trade.a_member(florist)
    trade.a_member(grocer, "grace")
    sell(grocer, 200, customer="grace")
    sell(florist, 200)

    (answer,) = register(grocer, back((1, "BREAD")))

    assert (answer.parts, answer.unmatched) == ((), (ReturnLine(PIECE, sku="BREAD"),))


@pytest.mark.parametrize("customer", ["", "nobody"])
def test_without_an_order_and_a_member_nothing_explains_the_return(grocer, ada, customer):
    sell(grocer, 200, customer_source="till" if customer else "", customer=customer)

    (answer,) = register(grocer, back((1, "BREAD"), customer_source="till" if customer else "", customer=customer))

    assert (answer.fresh, answer.parts) == (True, ())
    assert answer.unmatched == (ReturnLine(PIECE, sku="BREAD"),)
    assert Return.objects.get().member is None


def test_an_order_of_a_guest_can_come_back_by_its_lines(grocer):
    sold = sell(grocer, 200, customer_source="", customer="")

    (answer,) = register(grocer, back((1, 1), of="1"))

    assert answer.parts == (ReturnedPart(sold, 1, PIECE),)
    assert Return.objects.get().member is None


def test_returns_by_order_and_by_article_share_one_count(grocer, ada):
    sold = sell(grocer, goods(400, pieces=2))
    register(grocer, back((1, "BREAD"), reference="R1"))

    refusal, rest = register(grocer, back((2, 1), of="1", reference="R2"), back((2, "BREAD"), reference="R3"))

    assert isinstance(refusal, ReturnExceedsSale)
    assert rest.parts == (ReturnedPart(sold, 1, PIECE),)
    assert rest.unmatched == (ReturnLine(PIECE, sku="BREAD"),)


def test_exact_twin_lines_are_two_sales(grocer, ada):
    sold = sell(grocer, goods(200, 1), goods(200, 2))

    (answer,) = register(grocer, back((2, "BREAD")))

    assert answer.parts == (ReturnedPart(sold, 1, PIECE), ReturnedPart(sold, 2, PIECE))


def statement(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE orders_returnedline SET returned = returned + 2000", "returned_within_sold"),
        ("UPDATE orders_returnedline SET returned = returned - 1", "counted up only"),
        ("UPDATE orders_returnedline SET sold = sold + 1", "counted up only"),
        ("DELETE FROM orders_returnedline", "counted up only"),
    ],
)
def test_the_database_counts_up_what_came_back_and_no_more_than_was_sold(grocer, ada, sql, constraint):
    sell(grocer, goods(900, pieces=2))
    register(grocer, back((1, 1), of="1"))

    with pytest.raises(IntegrityError, match=constraint):
        statement(sql)

    assert ReturnedLine.objects.get().returned == PIECE
