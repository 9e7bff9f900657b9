"""An order is on record once, or refused with nothing written."""

import pytest
from django.db import DatabaseError, connection, transaction

from members.models import Member
from orders.errors import OrderContradicted, OrderInvalid
from orders.facts import PIECE, LineKind, Tender, TenderKind
from orders.models import Order, Return
from orders.services import RegisteredOrder
from shops.models import Shop
from tests.campaigns import trade
from tests.campaigns.trade import NOON, goods, line, order, paid
from tests.orders.records import registered


def register(programme, *drafts):
    return registered(programme, drafts)


def test_an_order_is_stored_as_it_was_reported(grocer, ada):
    shop = Shop.objects.create(programme=grocer, code="market", name="Market")
    bread = goods(500, 1, pieces=2, name="Bread", tax=33, categories=("food",), labels=("fresh",))
    draft = order(
        bread,
        line(LineKind.SHIPPING, 490, no=2),
        discount=100,
        tenders=(paid(TenderKind.CARD, 890),),
        channel="web",
        shop_code="market",
    )

    (answer,) = register(grocer, draft)

    assert isinstance(answer, RegisteredOrder)
    stored = Order.objects.get()
    assert answer.order_id == stored.pk
    assert answer.fresh
    assert (stored.member, stored.shop, stored.source, stored.reference) == (ada, shop, "till", "1")
    assert (stored.customer, stored.channel, stored.currency, stored.total) == ("till:ada", "web", "EUR", 890)
    assert stored.placed_at == NOON
    assert stored.tenders == [{"kind": "card", "amount": 890}]
    assert stored.lines == [
        {
            "no": 1,
            "sku": "BREAD",
            "quantity": 2 * PIECE,
            "amount": 500,
            "name": "Bread",
            "tax": 33,
            "discount": 100,
            "categories": ["food"],
            "labels": ["fresh"],
        },
        {"no": 2, "sku": "SHIPPING", "quantity": PIECE, "amount": 490, "kind": "shipping"},
    ]


def test_the_same_order_again_is_a_repeat(grocer, ada):
    (first,) = register(grocer, order(500))

    (again,) = register(grocer, order(500))

    assert (again.order_id, again.fresh) == (first.order_id, False)
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"customer": "grace"},
        {"at": trade.LATER},
        {"channel": "web"},
        {"discount": 1},
        {"tenders": (paid(TenderKind.CASH, 500),)},
    ],
)
def test_the_same_reference_with_another_content_is_refused(grocer, ada, other):
    register(grocer, order(500))

    (refusal,) = register(grocer, order(500, **other))

    assert isinstance(refusal, OrderContradicted)
    assert refusal.facts == {"source": "till", "reference": "1"}
    assert Order.objects.get().customer == "till:ada"


def test_another_source_or_programme_may_use_the_same_reference(grocer, ada):
    florist = trade.a_programme("florist")

    register(grocer, order(500), order(700, source="web"))
    register(florist, order(900))

    assert list(Order.objects.order_by("pk").values_list("programme_id", "source", "total")) == [
        (grocer.pk, "till", 500),
        (grocer.pk, "web", 700),
        (florist.pk, "till", 900),
    ]


def test_in_one_batch_a_reference_is_registered_once_and_later_ones_are_repeats_or_contradictions(grocer, ada):
    first, repeat, contradiction, other = register(
        grocer, order(500), order(500), order(600), order(700, reference="2")
    )

    assert (first.fresh, repeat.fresh, other.fresh) == (True, False, True)
    assert repeat.order_id == first.order_id != other.order_id
    assert isinstance(contradiction, OrderContradicted)
    assert sorted(Order.objects.values_list("reference", "total")) == [("1", 500), ("2", 700)]


def test_a_guest_has_no_member(grocer):
    (answer,) = register(grocer, order(500, customer_source="", customer=""))

    assert answer.member is None
    assert Order.objects.get().member is None


def test_an_unknown_customer_is_kept_as_reported_without_a_member(grocer, ada):
    (answer,) = register(grocer, order(500, customer="nobody"))

    assert answer.member is None
    stored = Order.objects.get()
    assert (stored.member, stored.customer) == (None, "till:nobody")


def test_a_customer_may_be_named_by_the_member_number(grocer, ada):
    (answer,) = register(grocer, order(500, customer_source="", customer=ada.number))

    assert (answer.member.member_id, answer.member.wallet_id) == (ada.pk, ada.wallet_id)
    assert Order.objects.get().member == ada


def test_a_number_of_another_programme_names_nobody_here(grocer):
    stranger = trade.a_member(trade.a_programme("florist"))

    (answer,) = register(grocer, order(500, customer_source="", customer=stranger.number))

    assert answer.member is None


def test_a_blocked_member_is_found_and_not_active(grocer, ada):
    Member.objects.update(status=Member.Status.BLOCKED)

    (answer,) = register(grocer, order(500))

    assert (answer.member.member_id, answer.member.is_active) == (ada.pk, False)


BREAD = goods(500, 1)


@pytest.mark.parametrize(
    ("draft", "pointer", "problem", "expected"),
    [
        (order(500, currency="USD"), "/currency", "USD", "EUR"),
        (order(), "/lines", "empty", "at least one line"),
        (order(BREAD, goods(300, 1)), "/lines/1/no", 1, "a number of its own"),
        (order(BREAD, goods(300, 2, pieces=0)), "/lines/1/quantity", 0, "above 0, at most 1000000000000"),
        (order(goods(300, pieces=-1)), "/lines/0/quantity", -PIECE, "above 0, at most 1000000000000"),
        (order(goods(300, pieces=10**12)), "/lines/0/quantity", 10**15, "above 0, at most 1000000000000"),
        (order(goods(-1)), "/lines/0/amount", -1, "0 or more"),
        (order(BREAD, goods(300, 2, tax=301)), "/lines/1/tax", 301, "between 0 and the line's amount"),
        (order(goods(300, tax=-1)), "/lines/0/tax", -1, "between 0 and the line's amount"),
        (
            order(5 * 10**13, 5 * 10**13 + 1),
            "/lines",
            10**14 + 1,
            "amounts that add up to at most 100000000000000",
        ),
        (order(500, discount=501), "/discount", 501, "between 0 and the goods' sum 500"),
        (order(500, discount=-1), "/discount", -1, "between 0 and the goods' sum 500"),
        (
            order(BREAD, line(LineKind.SHIPPING, 490), discount=501),
            "/discount",
            501,
            "between 0 and the goods' sum 500",
        ),
        (
            order(500, tenders=(paid(TenderKind.CARD, 501), paid(TenderKind.CASH, -1))),
            "/tenders/1/amount",
            -1,
            "0 or more",
        ),
        (order(500, discount=50, tenders=(paid(TenderKind.CARD, 500),)), "/tenders", 500, "the order's total 450"),
        (order(500, shop_code="moon"), "/shop", "moon", "the code of a shop of this programme"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_with_its_place(grocer, ada, draft, pointer, problem, expected):
    (refusal,) = register(grocer, draft)

    assert isinstance(refusal, OrderInvalid)
    told = " ".join(str(refusal.facts[name]) for name in ("expected", "bound") if name in refusal.facts)
    assert (refusal.facts["pointer"], refusal.facts["problem"], told) == (pointer, problem, expected)
    assert Order.objects.count() == 0


def test_a_shop_of_another_programme_is_no_shop_here(grocer, ada):
    Shop.objects.create(programme=trade.a_programme("florist"), code="market", name="Market")

    (refusal,) = register(grocer, order(500, shop_code="market"))

    assert refusal.facts["pointer"] == "/shop"


def test_an_adjustment_may_be_negative(grocer, ada):
    (answer,) = register(grocer, order(BREAD, line(LineKind.ADJUSTMENT, -200)))

    assert answer.purchase.total == 300


def test_sound_orders_beside_a_refused_one_are_registered(grocer, ada):
    answers = register(grocer, order(500), order(600, reference="2", currency="USD"), order(700, reference="3"))

    assert [type(answer) for answer in answers] == [RegisteredOrder, OrderInvalid, RegisteredOrder]
    assert sorted(Order.objects.values_list("reference", "total")) == [("1", 500), ("3", 700)]


@pytest.mark.parametrize("model", [Order, Return])
@pytest.mark.parametrize("statement", ["UPDATE {} SET reference = 'x'", "DELETE FROM {}"])
def test_the_database_lets_nobody_edit_what_a_source_reported(grocer, ada, standing, model, statement):
    trade.buy(grocer, 500)
    trade.bring_back(grocer, (1, 1), of="1")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(model._meta.db_table))

    assert model.objects.get().reference in {"1", "R1"}


def test_an_order_read_from_a_file_names_no_holds(grocer, ada):
    paid_long_ago = order(500, tenders=(Tender(TenderKind.POINTS, 500, hold=7),))

    (refusal,) = register(grocer, paid_long_ago)

    assert isinstance(refusal, OrderInvalid)
    assert refusal.facts["pointer"] == "/tenders/0/hold"
    assert not Order.objects.exists()
