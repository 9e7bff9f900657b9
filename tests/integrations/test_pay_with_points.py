"""Orders paid with points and money, and their returns: the whole way through the API."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from campaigns.models import Payment
from campaigns.queries import explanations
from events.models import OutboxEvent
from ledger.models import Posting
from ledger.paying import Terms
from ledger.services import accept_as_payment
from ledger.verification import verify
from orders.models import Order
from shops.models import Programme
from tests.crowd import at_once, interrupted
from tests.integrations import payers, shopkeepers
from tests.integrations.payers import a_hold, paid_order, wallet_of
from tests.integrations.shopkeepers import an_order
from tests.ledger import books

RefundOrder = Programme.RefundOrder


@pytest.fixture
def rich(machine, bakery, ada):
    """Ada, with 1500 points."""
    payers.accept_points(bakery)
    payers.earn(machine, 1500)
    return ada


@pytest.fixture
def hold(machine, rich):
    """The id of a hold of 1000 points, which are worth 100.00."""
    return machine.send("holds", a_hold()).json()["id"]


def a_return(quantity="1", reference="r1", **changes):
    return {
        "source": "webshop",
        "reference": reference,
        "returned_at": datetime.now(UTC).isoformat(),
        "order_reference": "o1",
        "lines": [{"line": 1, "quantity": quantity}],
    } | changes


def books_agree():
    return list(verify(tell=lambda _: None)) == []


def test_an_order_captures_the_hold_that_its_tender_names(machine, rich, hold):
    response = machine.send("orders", paid_order(hold, shop="berlin"))

    payment = Payment.objects.get()
    spending = Posting.objects.get(kind="BURN")
    assert response.status_code == 201
    assert (payment.order_id, payment.place, payment.points, payment.value) == (response.json()["id"], 0, 1000, 10_000)
    assert payment.posting_id == spending.pk
    assert machine.read(f"holds/{hold}").json()["state"] == "CAPTURED"
    assert wallet_of(machine, rich.number) == ("600", "0")
    assert books_agree()


def test_what_points_paid_earns_nothing(machine, rich, hold):
    answer = machine.send("orders", paid_order(hold)).json()

    assert [earned["amount"] for earned in answer["earned"]] == ["100"]


def test_what_points_paid_earns_when_their_terms_say_so_and_a_return_goes_by_them(machine, rich, bakery, hold):
    unit = payers.accept_points(bakery, Terms(10, 100, earns=True))
    answer = machine.send("orders", paid_order(hold)).json()
    accept_as_payment(unit=unit, terms=Terms(10, 100, earns=False))

    back = machine.send("returns", a_return("0.5")).json()

    assert [earned["amount"] for earned in answer["earned"]] == ["200"]
    assert [taken["amount"] for taken in back["taken_back"]] == ["100"]


def test_the_order_is_read_back_with_its_hold(machine, hold):
    sent = machine.send("orders", paid_order(hold))

    assert machine.get(sent.headers["Location"]).json()["tenders"] == [
        {"kind": "points", "amount": "100.00", "hold": hold},
        {"kind": "card", "amount": "100.00", "hold": None},
    ]


def test_the_same_order_again_gets_the_same_answer_and_captures_nothing_twice(machine, rich, hold):
    first = machine.send("orders", paid_order(hold))

    again = machine.send("orders", paid_order(hold))

    assert (again.status_code, again.content) == (200, first.content)
    assert Posting.objects.filter(kind="BURN").count() == 1
    assert wallet_of(machine, rich.number) == ("600", "0")


@pytest.mark.parametrize(
    ("_case", "changes", "pointer"),
    [
        ("a hold nobody made", {"tenders": [{"kind": "points", "amount": "200.00", "hold": 10**9}]}, "/tenders/0/hold"),
        ("another amount than it is worth", {"points": "99.99", "card": "100.01"}, "/tenders/0/amount"),
        ("another kind", {"kind": "stored_value"}, "/tenders/0/kind"),
        ("a guest", {"customer": None}, "/tenders/0/hold"),
        ("another customer", {"customer": {"source": "webshop", "external_id": "bob"}}, "/tenders/0/hold"),
        ("the same hold twice", {"twice": True}, "/tenders/1/hold"),
        (
            "gift cards, which points don't pay",
            {"lines": [{"sku": "CARD", "kind": "gift_card", "amount": "200.00"}]},
            "/tenders/0/hold",
        ),
    ],
)
def test_an_order_that_contradicts_its_hold_is_refused_with_nothing_written(
    _case, changes, pointer, machine, rich, bakery, hold
):
    shopkeepers.a_member(bakery, "bob")
    order = paid_order(hold, points=changes.pop("points", "100.00"), card=changes.pop("card", "100.00"))
    order["tenders"][0]["kind"] = changes.pop("kind", "points")
    if changes.pop("twice", False):
        order["tenders"][1] = {"kind": "points", "amount": "100.00", "hold": hold}

    with books.unchanged():
        refusal = machine.send("orders", order | changes)

    assert (refusal.status_code, refusal.json()["code"]) == (422, "order_invalid")
    assert [fault["pointer"] for fault in refusal.json()["errors"]] == [f"#{pointer}"]
    assert not Order.objects.filter(reference="o1").exists()
    assert machine.read(f"holds/{hold}").json()["state"] == "HELD"


@pytest.mark.parametrize("terms", [{"share_percent": 49}, {"maximum": 999}, {"step": 7}, {"minimum": 1001}])
def test_an_order_takes_no_more_than_the_terms_allow_whatever_was_held(terms, machine, rich, bakery, hold):
    payers.accept_points(bakery, Terms(10, 100, **terms))

    with books.unchanged():
        refusal = machine.send("orders", paid_order(hold))

    assert (refusal.status_code, refusal.json()["errors"][0]["pointer"]) == (422, "#/tenders/0/hold")
    assert not Order.objects.filter(reference="o1").exists()


@pytest.mark.parametrize("verb", ["release", "capture"])
def test_a_hold_that_has_ended_pays_nothing(verb, machine, rich, hold):
    machine.send(f"holds/{hold}/{verb}", {})

    with books.unchanged():
        refusal = machine.send("orders", paid_order(hold))

    assert (refusal.status_code, refusal.json()["code"]) == (409, "hold_not_open")
    assert refusal.json()["facts"]["state"] == {"release": "RELEASED", "capture": "CAPTURED"}[verb]
    assert not Order.objects.filter(reference="o1").exists()


def test_a_hold_pays_one_order(machine, rich, hold):
    machine.send("orders", paid_order(hold))

    refusal = machine.send("orders", paid_order(hold, "o2"))

    assert (refusal.status_code, refusal.json()["code"]) == (409, "hold_not_open")
    assert not Order.objects.filter(reference="o2").exists()


def test_a_tender_of_points_without_a_hold_is_only_reported(machine, rich):
    tenders = [{"kind": "points", "amount": "100.00"}, {"kind": "card", "amount": "100.00"}]

    response = machine.send("orders", an_order("o1", lines=payers.GRINDER, tenders=tenders))

    assert response.status_code == 201
    assert not Payment.objects.exists()
    assert not Posting.objects.filter(kind="BURN").exists()


def test_a_return_says_what_of_each_tender_is_due_and_gives_points_back(machine, rich, hold):
    order = machine.send("orders", paid_order(hold)).json()

    answer = machine.send("returns", a_return("0.5")).json()

    undone = Posting.objects.get(kind="REVERSE")
    assert answer["paid_back"] == [
        {
            "order": order["id"],
            "tender": 1,
            "kind": "points",
            "amount": "50.00",
            "unit": "points",
            "points": "500",
            "posting": undone.pk,
        },
        {
            "order": order["id"],
            "tender": 2,
            "kind": "card",
            "amount": "50.00",
            "unit": None,
            "points": None,
            "posting": None,
        },
    ]
    assert wallet_of(machine, rich.number) == ("1050", "0")
    assert books_agree()


@pytest.mark.parametrize(
    ("order", "each_half"),
    [
        (RefundOrder.POINTS_FIRST, ["100.00"]),
        (RefundOrder.MONEY_FIRST, ["100.00"]),
        (RefundOrder.PROPORTIONAL, ["50.00", "50.00"]),
    ],
)
def test_the_order_of_refunds_is_the_one_of_the_sale(order, each_half, machine, bakery, hold):
    Programme.objects.filter(pk=bakery.pk).update(refund_order=order)
    machine.send("orders", paid_order(hold))
    Programme.objects.filter(pk=bakery.pk).update(refund_order=RefundOrder.POINTS_FIRST)

    halves = [machine.send("returns", a_return("0.5", reference)).json()["paid_back"] for reference in ("r1", "r2")]

    assert [[part["amount"] for part in half] for half in halves] == [each_half, each_half]
    assert halves[0][0]["kind"] == ("card" if order == RefundOrder.MONEY_FIRST else "points")
    assert machine.read(f"holds/{hold}").json()["refunded"] == "1000"


@pytest.mark.parametrize("order", RefundOrder.values)
def test_ten_small_returns_give_back_what_one_big_one_does(order, machine, rich, bakery):
    Programme.objects.filter(pk=bakery.pk).update(refund_order=order)
    totals = []
    for reference, parts in (("o1", ["0.1"] * 10), ("o2", ["1"])):
        hold = machine.send("holds", a_hold(reference, amount="333")).json()["id"]
        lines = [{"sku": "GRINDER", "amount": "199.97"}]
        machine.send("orders", paid_order(hold, reference, "33.30", "166.67", lines=lines))
        answers = [
            machine.send("returns", a_return(part, f"{reference}-{no}", order_reference=reference)).json()
            for no, part in enumerate(parts)
        ]
        back = [item for answer in answers for item in answer["paid_back"]]
        totals.append(
            (
                sum(round(float(item["amount"]) * 100) for item in back if item["kind"] == "card"),
                sum(int(item["points"]) for item in back if item["kind"] == "points"),
                machine.read(f"holds/{hold}").json()["refunded"],
            )
        )

    assert totals[0] == totals[1] == (16_667, 333, "333")
    assert books_agree()


def test_the_same_return_again_gets_the_same_answer(machine, rich, hold):
    machine.send("orders", paid_order(hold))
    body = a_return("0.5")
    first = machine.send("returns", body)

    again = machine.send("returns", body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert wallet_of(machine, rich.number) == ("1050", "0")


def test_points_go_back_with_their_expiry(machine, bakery, ada):
    unit = payers.accept_points(bakery)
    wallet = books.TestWallet(ada.wallet_id, unit)
    soon = datetime.now(UTC) + timedelta(days=3)
    earning = wallet.earn(1000, until=soon)
    hold = machine.send("holds", a_hold()).json()["id"]
    machine.send("orders", paid_order(hold))

    machine.send("returns", a_return())

    assert (wallet.lot(earning).remaining, wallet.lot(earning).expires_at) == (1000, soon)


def test_what_was_given_back_by_hand_is_not_given_back_again(machine, rich, hold):
    machine.send("orders", paid_order(hold))
    machine.send(f"holds/{hold}/refund", {"reference": "by hand", "amount": "700"})

    answer = machine.send("returns", a_return()).json()

    assert [(item["amount"], item["points"]) for item in answer["paid_back"]] == [("100.00", "300"), ("100.00", None)]
    assert machine.read(f"holds/{hold}").json()["refunded"] == "1000"


def test_a_return_of_an_order_paid_with_money_says_what_is_to_be_paid_out(machine, rich):
    tenders = [{"kind": "cash", "amount": "30.00"}, {"kind": "card", "amount": "170.00"}]
    machine.send("orders", an_order("o1", lines=payers.GRINDER, tenders=tenders))

    answer = machine.send("returns", a_return("0.5")).json()

    assert [(item["tender"], item["kind"], item["amount"]) for item in answer["paid_back"]] == [
        (1, "cash", "30.00"),
        (2, "card", "70.00"),
    ]


def test_every_movement_says_why(machine, rich, bakery, hold):
    machine.send("orders", paid_order(hold, shop="berlin"))
    machine.send("returns", a_return("0.5"))
    machine.send(f"holds/{hold}/refund", {"reference": "by hand", "amount": "100"})
    loose = machine.send("holds", a_hold("c2", amount="50")).json()["id"]
    machine.send(f"holds/{loose}/capture", {})
    machine.send(f"holds/{loose}/refund", {"reference": "gone"})

    ids = Posting.objects.filter(kind__in=["BURN", "REVERSE"]).order_by("pk").values_list("pk", flat=True)

    told = explanations(list(ids), programme=bakery)
    assert [told[pk].sentence for pk in ids] == [
        "Paid with points for order o1 at Berlin.",
        "Given back because goods of order o1 came back (return r1).",
        "Given back because the payment for order o1 was refunded.",
        "Paid with points at checkout c2.",
        "Given back because the payment for checkout c2 was refunded.",
    ]
    assert told[ids[0]].order_reference == told[ids[1]].order_reference == "o1"


def test_a_wallet_of_money_is_named(machine, bakery, ada):
    money = payers.a_unit(bakery, "STORED_VALUE", decimals=2)
    accept_as_payment(unit=money, terms=Terms(1, 1, earns=True))
    books.TestWallet(ada.wallet_id, money).earn(10_000)
    hold = machine.send("holds", a_hold(unit="stored-value", amount="100.00")).json()["id"]
    order = paid_order(hold)
    order["tenders"][0]["kind"] = "stored_value"

    answer = machine.send("orders", order)

    spending = Posting.objects.get(kind="BURN")
    assert answer.status_code == 201
    assert [earned["amount"] for earned in answer.json()["earned"]] == ["200"]
    assert explanations([spending.pk], programme=bakery)[spending.pk].sentence == "Paid from Wallet for order o1."


def test_what_happened_is_told_to_those_who_wait_for_it(machine, rich, hold):
    order = machine.send("orders", paid_order(hold)).json()
    machine.send("returns", a_return())

    paid, back = OutboxEvent.objects.filter(type__in=["points.redeemed", "points.refunded"]).order_by("pk")

    named = {"id": order["id"], "source": "webshop", "reference": "o1"}
    assert paid.payload == {"member": rich.number, "order": named, "hold": hold, "unit": "points", "amount": "1000"}
    assert (back.type, back.payload["order"], back.payload["amount"]) == ("points.refunded", named, "1000")


def test_paying_with_points_takes_few_queries(machine, hold, count_queries):
    with count_queries("api: send an order paid with points"):
        machine.send("orders", paid_order(hold))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_same_order_sent_at_once_captures_its_hold_once(machine, rich, hold):
    answers = at_once(4, lambda _: shopkeepers.Machine(machine.key).send("orders", paid_order(hold)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.content for answer in answers}) == 1
    assert wallet_of(machine, rich.number) == ("600", "0")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_wherever_its_twin_overtakes_it_an_order_gets_the_twins_answer(machine, rich):
    for place in count():
        hold = machine.send("holds", a_hold(f"c{place}", amount="10")).json()["id"]
        order = paid_order(hold, f"o{place}", points="1.00", card="199.00")
        mine, twins = interrupted(
            place,
            lambda order=order: machine.send("orders", order),
            lambda order=order: shopkeepers.Machine(machine.key).send("orders", order),
        )
        if not twins:
            break
        assert (mine.status_code, twins[0].status_code, mine.content) == (200, 201, twins[0].content), place
    assert place > 3


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_orders_that_want_one_hold_at_once_are_one_order(machine, rich, hold):
    answers = at_once(4, lambda number: shopkeepers.Machine(machine.key).send("orders", paid_order(hold, f"o{number}")))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert Payment.objects.count() == Order.objects.filter(reference__startswith="o").count() == 1
    assert books_agree()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_order_and_a_release_at_once_are_one_of_them(machine, rich, hold):
    def act(number):
        mine = shopkeepers.Machine(machine.key)
        return mine.send("orders", paid_order(hold)) if number % 2 else mine.send(f"holds/{hold}/release", {})

    released, ordered = at_once(2, act)

    assert (released.status_code, ordered.status_code) in {(200, 409), (409, 201)}
    assert Order.objects.filter(reference="o1").exists() == (ordered.status_code == 201)
    assert books_agree()
