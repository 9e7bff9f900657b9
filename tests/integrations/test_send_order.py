"""POST /api/v1/orders: a purchase in, what it earned and why out."""

import json

import pytest

from campaigns.definitions import Fixed, Rule
from events.models import OutboxEvent
from integrations.api.examples import ORDER_BODY
from ledger.queries import balances_of, postings
from orders.models import Order
from tests.integrations.shopkeepers import NOON, a_campaign, a_machine, a_member, an_order


def test_an_order_is_answered_with_what_it_earned_and_why(machine, ada, bakery):
    response = machine.send("orders", an_order())

    order = Order.objects.get()
    (posting,) = postings([bakery.pk])
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/orders/{order.pk}"
    assert response.json() == {
        "id": order.pk,
        "source": "webshop",
        "reference": "1",
        "member": ada.number,
        "discounts": [],
        "earned": [
            {
                "unit": "points",
                "amount": "10",
                "campaign": "standing",
                "version": 1,
                "rule": "base",
                "posting": posting.pk,
                "expires_at": "2027-03-14T23:00:00Z",
                "why": "10 points for goods of €10.50: 1 point per whole €1.00 (version 1)",
            }
        ],
        "rejected": [],
    }


def test_the_points_are_in_the_wallet(machine, ada):
    machine.send("orders", an_order())

    assert balances_of(ada.wallet_id, at=NOON)[0].spendable == 10


def test_the_same_order_again_gets_the_same_answer(machine, bakery):
    first = machine.send("orders", an_order())

    again = machine.send("orders", an_order())

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert postings([bakery.pk]).count() == 1


def test_the_same_instant_in_another_offset_is_the_same_order(machine):
    machine.send("orders", an_order(placed_at="2026-03-14T12:00:00+00:00"))

    again = machine.send("orders", an_order(placed_at="2026-03-14T13:00:00+01:00"))

    assert again.status_code == 200


def test_a_known_reference_with_another_content_is_refused_and_changes_nothing(machine, bakery, ada):
    machine.send("orders", an_order())
    before = list(Order.objects.values()), list(postings([bakery.pk]).values()), OutboxEvent.objects.count()

    response = machine.send("orders", an_order(lines=[{"sku": "CAKE", "amount": "99.00"}]))

    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "order_contradicted"
    assert response.json()["facts"] == {"source": "webshop", "reference": "1"}
    assert before == (list(Order.objects.values()), list(postings([bakery.pk]).values()), OutboxEvent.objects.count())


def test_a_customer_may_be_named_by_member_number(machine, ada):
    response = machine.send("orders", an_order(customer=ada.number))

    assert response.json()["member"] == ada.number
    assert response.json()["earned"][0]["amount"] == "10"


def test_a_guest_earns_nothing_and_is_told_why(machine):
    response = machine.send("orders", an_order(customer=None))

    assert response.status_code == 201
    assert response.json()["member"] is None
    assert response.json()["earned"] == []
    assert [reason["code"] for reason in response.json()["rejected"]] == ["no_member"]
    assert response.json()["rejected"][0]["why"] == "The order belongs to no member, so nobody could earn."


def test_what_failed_is_told_with_required_and_observed_amounts_as_text(machine, ada):
    response = machine.send("orders", an_order(lines=[{"sku": "GUM", "amount": "0.50"}]))

    (reason,) = response.json()["rejected"]
    assert reason["code"] == "below_block"
    assert (reason["required"], reason["observed"]) == ("1.00", "0.50")


def test_the_example_of_the_documentation_works_as_it_stands(machine):
    response = machine.send("orders", ORDER_BODY)

    assert response.status_code == 201


def test_sending_an_order_takes_few_queries(machine, count_queries):
    machine.send("orders", an_order("warm"))

    with count_queries("api: send an order"):
        machine.send("orders", an_order())


@pytest.mark.parametrize(
    ("_case", "changes", "pointer", "expected"),
    [
        ("another currency", {"currency": "USD"}, "#/currency", "EUR"),
        ("too many places", {"discount": "1.234"}, "#/discount", "a decimal number with at most 2 places"),
        ("an unknown shop", {"shop": "paris"}, "#/shop", "the code of a shop of this programme"),
        (
            "before there were tills",
            {"placed_at": "1066-10-14T09:00:00Z"},
            "#/placed_at",
            "a time between 1980 and 2200",
        ),
        (
            "no piece at all",
            {"lines": [{"sku": "A", "amount": "1", "quantity": "0.000"}]},
            "#/lines/0/quantity",
            "more than 0",
        ),
        (
            "more tax than price",
            {"lines": [{"sku": "A", "amount": "1", "tax": "2"}]},
            "#/lines/0/tax",
            "between 0 and the line's amount",
        ),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_with_the_place(_case, changes, pointer, expected, machine):
    response = machine.send("orders", an_order(**changes))

    assert response.status_code == 422
    assert response.json()["code"] == "order_invalid"
    assert [(fault["pointer"], fault["expected"]) for fault in response.json()["errors"]] == [(pointer, expected)]
    assert not Order.objects.exists()


def test_every_fault_of_the_shape_is_named(machine):
    body = {"source": 1, "reference": "", "placed_at": "2026-01-01T00:00:00", "lines": [{"amount": 3, "foo": 1}]}

    response = machine.send("orders", body)

    assert response.status_code == 400
    assert response.json()["code"] == "invalid"
    assert {fault["pointer"]: fault["detail"] for fault in response.json()["errors"]} == {
        "#/currency": "This field is missing.",
        "#/source": "Expected `str`, got `int`.",
        "#/reference": "Expected `str` of length >= 1.",
        "#/placed_at": "Expected `datetime` with a timezone component.",
        "#/lines/0/sku": "This field is missing.",
        "#/lines/0/amount": "Expected `str`, got `int`.",
        "#/lines/0/foo": "There is no such field.",
    }
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("_case", "raw", "code"),
    [
        ("half an object", b'{"source": ', "malformed"),
        ("not UTF-8", b'{"source": "\xff"}', "malformed"),
        ("half a character", b'{"source": "\\ud800"}', "malformed"),
        ("a list", b"[]", "invalid"),
        ("very deep", b"[" * 100_000, "malformed"),
    ],
)
def test_what_is_no_order_at_all_is_refused(_case, raw, code, machine):
    response = machine.post("/api/v1/orders", raw, content_type="application/json")

    assert response.status_code == 400
    assert response.json()["code"] == code


@pytest.mark.parametrize("text", ["NUL \0 inside", "two\nlines", "ends with a line break\n"])
def test_text_that_no_till_prints_is_refused(text, machine):
    response = machine.send("orders", an_order(reference=text))

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "#/reference"


def test_a_form_is_not_read(machine):
    response = machine.post("/api/v1/orders", {"source": "webshop"})

    assert response.status_code == 415
    assert response.json()["code"] == "unsupported_media_type"


def test_a_body_of_more_than_a_mebibyte_is_refused(machine):
    response = machine.send("orders", json.dumps(an_order()) + " " * 2**20)

    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"


def test_an_integer_written_with_a_point_is_an_integer(machine):
    response = machine.send("orders", an_order(lines=[{"sku": "BREAD", "amount": "12.00", "quantity": 2.0}]))

    assert response.status_code == 201
    assert Order.objects.get().lines[0]["quantity"] == 2000


def test_half_a_piece_is_text_and_not_a_number(machine):
    response = machine.send("orders", an_order(lines=[{"sku": "BREAD", "amount": "12.00", "quantity": 0.5}]))

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "#/lines/0/quantity"


def test_a_rule_about_lines_earns_or_says_in_words_what_it_missed(bakery):
    when = {
        "of": "order.lines",
        "sum": "line.quantity",
        "where": {"field": "line.categories", "op": "has_any", "value": ["bread"]},
        "op": "gte",
        "value": 3000,
    }
    a_campaign(bakery, Rule(key="three loaves", effect=Fixed(units=50), when=when))
    a_member(bakery)
    machine = a_machine(bakery)
    loaf = {"sku": "RYE", "amount": "4.00", "categories": ["bread"]}

    two = machine.send("orders", an_order("two", lines=[loaf | {"quantity": "2"}])).json()
    three = machine.send("orders", an_order("three", lines=[loaf, loaf | {"quantity": "2"}])).json()

    assert [earned["amount"] for earned in three["earned"]] == ["50"]
    (told,) = two["rejected"]
    assert [told[name] for name in ("rule", "field", "op", "required", "observed")] == [
        *("three loaves", "order.lines", "gte", "3", "2")
    ]
    assert told["why"] == (
        "Nothing from “three loaves”: it asks that the quantity of all lines on which the categories include one of "
        "bread is at least 3; here it was 2."
    )
