"""/api/v1/purchases and /api/v1/payment-notices: units for money that somebody else takes."""

from datetime import UTC, datetime

import pytest
import time_machine

from events.models import OutboxEvent
from integrations.models import Scope
from ledger.models import PaymentNotice, Posting, Purchase
from tests.crowd import at_once
from tests.integrations.buyers import a_notice, a_purchase, sell_points
from tests.integrations.payers import wallet_of
from tests.integrations.shopkeepers import Machine, a_machine, a_member, a_programme


@pytest.fixture
def terms(bakery):
    return sell_points(bakery)


@pytest.fixture
def purchase(machine, ada, terms):
    return machine.send("purchases", a_purchase()).json()


def now():
    return datetime.now(UTC).isoformat()


def capture(machine, purchase, payment="pi_1", **changes):
    return machine.send(f"purchases/{purchase['id']}/capture", {"provider": "stripe", "payment": payment} | changes)


def facts():
    return list(OutboxEvent.objects.filter(type__startswith="purchase.").order_by("pk").values_list("type", flat=True))


def test_a_quote_says_the_price_and_what_is_allowed(machine, ada, terms):
    response = machine.send("purchase-quotes", {"customer": ada.number, "unit": "points", "amount": "10000"})

    assert response.status_code == 200
    answer = response.json()
    assert answer.pop("expires_at")
    assert answer == {
        "member": ada.number,
        "unit": "points",
        "name": "Points",
        "step": "1000",
        "minimum": "1000",
        "maximum": "200000",
        "bought_this_year": "0",
        "max_per_year": "200000",
        "amount": "10000",
        "price": "150.00",
        "fee": "15.00",
        "total": "165.00",
        "currency": "EUR",
        "withdrawal_days": 14,
    }
    assert Purchase.objects.count() == 0


def test_points_are_there_when_the_purchase_is_captured(machine, ada, purchase):
    assert (purchase["state"], purchase["total"], purchase["posting"]) == ("REQUESTED", "90.00", None)
    assert wallet_of(machine, ada.number) == ("0", "0")

    response = capture(machine, purchase, amount="90.00")

    assert response.status_code == 200
    assert (response.json()["state"], response.json()["captured"]) == ("CAPTURED", "90.00")
    assert response.json()["posting"] == Posting.objects.get().pk
    assert wallet_of(machine, ada.number) == ("5000", "0")
    assert machine.read(f"purchases/{purchase['id']}").json() == response.json()
    assert facts() == ["purchase.requested", "purchase.captured"]
    fact = OutboxEvent.objects.get(type="purchase.captured").payload
    assert fact == {
        "purchase": purchase["id"],
        "member": ada.number,
        "unit": "points",
        "amount": "5000",
        "total": "90.00",
        "currency": "EUR",
        "provider": "stripe",
        "payment": "pi_1",
        "posting": response.json()["posting"],
    }


def test_the_same_request_again_is_the_same_purchase(machine, ada, purchase):
    again = machine.send("purchases", a_purchase())

    assert (again.status_code, again.json()) == (200, purchase)
    assert Purchase.objects.count() == 1


def test_what_the_customer_saw_is_what_it_costs(machine, ada, terms):
    refused = machine.send("purchases", a_purchase(total="89.99"))
    taken = machine.send("purchases", a_purchase(total="90.00"))

    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    assert refused.json()["facts"] == {"seen": "89.99", "total": "90.00"}
    assert taken.status_code == 201


@pytest.mark.parametrize(
    ("changes", "status", "code", "facts"),
    [
        (
            {"amount": "1500"},
            422,
            "purchase_amount_refused",
            {"reason": "off_step", "minimum": "1000", "maximum": "200000", "step": "1000"},
        ),
        ({"amount": "0"}, 422, "amount_invalid", {"unit": "points", "amount": "0", "decimals": 0}),
        ({"unit": "stars"}, 422, "unit_unknown", {"unit": "stars"}),
        ({"customer": "400000000006"}, 404, "member_unknown", {"number": "400000000006"}),
    ],
)
@pytest.mark.usefixtures("ada", "terms")
def test_what_can_not_be_bought_is_refused(changes, status, code, facts, machine):
    response = machine.send("purchases", a_purchase(**changes))

    assert (response.status_code, response.json()["code"], response.json()["facts"]) == (status, code, facts)
    assert Purchase.objects.count() == 0


def test_what_is_not_on_sale_is_not_sold(machine, ada, bakery):
    sell_points(bakery, is_offered=False)

    response = machine.send("purchases", a_purchase())

    assert (response.status_code, response.json()["code"]) == (422, "purchase_not_offered")


def test_the_years_limit_says_what_is_left(machine, ada, terms):
    big = machine.send("purchases", a_purchase(amount="199000")).json()
    capture(machine, big)

    response = machine.send("purchases", a_purchase("b2", amount="2000"))

    assert (response.status_code, response.json()["code"]) == (422, "purchase_limit_reached")
    assert response.json()["facts"] == {"limit": "200000", "left": "1000"}


def test_another_amount_is_not_this_purchase(machine, ada, purchase):
    response = capture(machine, purchase, amount="91.00")

    assert (response.status_code, response.json()["code"]) == (422, "payment_mismatch")
    assert (response.json()["facts"]["total"], response.json()["facts"]["told_amount"]) == ("90.00", "91.00")
    assert wallet_of(machine, ada.number) == ("0", "0")


def test_a_second_payment_is_refused(machine, ada, purchase):
    capture(machine, purchase)

    again, other = capture(machine, purchase), capture(machine, purchase, "pi_2")

    assert (again.status_code, other.status_code, other.json()["code"]) == (200, 409, "payment_contradicted")
    assert wallet_of(machine, ada.number) == ("5000", "0")


def test_a_payment_pays_one_purchase(machine, ada, purchase):
    other = machine.send("purchases", a_purchase("b2")).json()
    capture(machine, purchase)

    response = capture(machine, other)

    assert (response.status_code, response.json()["code"]) == (409, "payment_contradicted")
    assert wallet_of(machine, ada.number) == ("5000", "0")


def test_cancelling_ends_a_purchase_that_is_not_paid(machine, ada, purchase):
    first, again = (machine.send(f"purchases/{purchase['id']}/cancel", {}) for _ in range(2))

    assert (first.status_code, first.json()["state"], again.json()) == (200, "CANCELLED", first.json())
    assert facts() == ["purchase.requested", "purchase.cancelled"]
    late = capture(machine, purchase)
    assert (late.status_code, late.json()["code"], late.json()["facts"]["state"]) == (
        409,
        "purchase_not_open",
        "CANCELLED",
    )


def test_what_is_paid_is_refunded_and_not_cancelled(machine, ada, purchase):
    capture(machine, purchase)

    cancelled = machine.send(f"purchases/{purchase['id']}/cancel", {})
    refunded, again = (machine.send(f"purchases/{purchase['id']}/refund", {}) for _ in range(2))

    assert (cancelled.status_code, cancelled.json()["code"]) == (409, "purchase_captured")
    assert (refunded.status_code, refunded.json()["state"], refunded.json()["refunded"]) == (200, "REFUNDED", "90.00")
    assert again.json() == refunded.json()
    assert wallet_of(machine, ada.number) == ("0", "0")
    assert facts() == ["purchase.requested", "purchase.captured", "purchase.refunded"]
    fact = OutboxEvent.objects.get(type="purchase.refunded").payload
    assert (fact["refunded"], fact["taken_back"], fact["is_withdrawal"]) == ("90.00", "5000", False)


def test_a_withdrawal_is_answered_while_nothing_was_used(machine, ada, purchase):
    early = machine.send(f"purchases/{purchase['id']}/refund", {"is_withdrawal": True})
    capture(machine, purchase)
    hold = {"source": "w", "reference": "1", "customer": ada.number, "unit": "points", "amount": "1"}
    held = machine.send("holds", hold).json()

    refused = machine.send(f"purchases/{purchase['id']}/refund", {"is_withdrawal": True})
    machine.send(f"holds/{held['id']}/release", {})
    taken = machine.send(f"purchases/{purchase['id']}/refund", {"is_withdrawal": True})

    assert (early.status_code, early.json()["code"]) == (409, "purchase_not_captured")
    assert (refused.status_code, refused.json()["code"]) == (422, "withdrawal_refused")
    assert refused.json()["facts"]["reason"] == "withdrawal_used"
    assert (taken.status_code, taken.json()["state"]) == (200, "REFUNDED")
    assert OutboxEvent.objects.get(type="purchase.refunded").payload["is_withdrawal"] is True


def test_notices_move_a_purchase_and_a_repeat_gets_the_first_answer(machine, ada, purchase):
    authorised = a_notice("authorised", purchase=purchase["id"], happened_at=now())
    captured = a_notice("captured", "evt_2", happened_at=now())

    first = machine.send("payment-notices", authorised)
    second = machine.send("payment-notices", captured)
    repeats = [machine.send("payment-notices", notice) for notice in (authorised, captured)]

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == {
        "provider": "stripe",
        "notice": "evt_1",
        "kind": "authorised",
        "purchase": purchase["id"],
        "changed": True,
        "state": "AUTHORISED",
    }
    assert (second.json()["changed"], second.json()["state"]) == (True, "CAPTURED")
    assert [(again.status_code, again.json()) for again in repeats] == [(200, first.json()), (200, second.json())]
    assert wallet_of(machine, ada.number) == ("5000", "0")
    assert facts() == ["purchase.requested", "purchase.authorised", "purchase.captured"]


def test_a_refused_notice_stays_on_record_and_may_come_again(machine, ada, purchase):
    refund = a_notice("refunded", "evt_9", purchase=purchase["id"], happened_at=now())
    headers = {"Idempotency-Key": "n1"}

    refused = [machine.send("payment-notices", refund, **headers) for _ in range(2)]
    capture(machine, purchase)
    taken = machine.send("payment-notices", refund, **headers)

    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(409, "purchase_not_captured")] * 2
    assert (taken.status_code, taken.json()["state"]) == (201, "REFUNDED")
    told = PaymentNotice.objects.filter(notice="evt_9").order_by("pk").values_list("refusal", "state")
    assert list(told) == [("purchase_not_captured", "REQUESTED"), ("", "REFUNDED")]


def test_a_notice_about_nothing_we_know_is_kept_until_we_do(machine, ada, terms):
    notice = a_notice(happened_at=now())
    unknown = machine.send("payment-notices", notice)
    machine.send("purchases", a_purchase(paid_by={"provider": "stripe", "payment": "pi_1"}))

    known = machine.send("payment-notices", notice)

    assert (unknown.status_code, unknown.json()["code"]) == (404, "purchase_unknown")
    assert (known.status_code, known.json()["state"]) == (201, "CAPTURED")
    assert list(PaymentNotice.objects.order_by("pk").values_list("refusal", flat=True)) == ["purchase_unknown", ""]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": "80.00"}, 422, "payment_mismatch"),
        ({"currency": "GBP"}, 422, "payment_mismatch"),
        ({"happened_at": "2020-01-01T00:00:00Z"}, 422, "payment_mismatch"),
        ({"happened_at": "0001-01-01T00:00:00+14:00"}, 422, "payment_mismatch"),
        ({"purchase": 999_999_999}, 404, "purchase_unknown"),
        ({"kind": "lost"}, 400, "invalid"),
        ({"amount": "0"}, 422, "amount_invalid"),
    ],
)
def test_notices_that_make_no_sense_change_nothing(changes, status, code, machine, ada, purchase):
    notice = a_notice(purchase=purchase["id"], happened_at=now()) | changes

    response = machine.send("payment-notices", notice)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert machine.read(f"purchases/{purchase['id']}").json() == purchase


def test_another_body_under_the_same_name_is_a_conflict(machine, ada, purchase):
    notice = a_notice("authorised", purchase=purchase["id"], happened_at=now())
    machine.send("payment-notices", notice)

    response = machine.send("payment-notices", notice | {"kind": "captured"})
    again = machine.send("payment-notices", notice)

    assert (response.status_code, response.json()["code"]) == (409, "notice_reused")
    assert (again.status_code, again.json()["state"]) == (200, "AUTHORISED")


def test_what_waited_too_long_reads_as_cancelled(machine, ada, terms):
    with time_machine.travel(datetime.now(UTC)) as clock:
        purchase = machine.send("purchases", a_purchase(seconds=60)).json()
        clock.shift(61)
        read = machine.read(f"purchases/{purchase['id']}").json()
        late = capture(machine, purchase)

    assert read == purchase | {"state": "CANCELLED"}
    assert (late.status_code, late.json()["code"], late.json()["facts"]["state"]) == (
        409,
        "purchase_not_open",
        "LAPSED",
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_twenty_identical_notices_are_one_posting(machine, ada, purchase):
    notice = a_notice(purchase=purchase["id"], happened_at=now())

    answers = at_once(20, lambda _: Machine(machine.key).send("payment-notices", notice))

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert Posting.objects.filter(kind="PURCHASE").count() == 1
    assert facts() == ["purchase.requested", "purchase.captured"]


def test_purchases_of_another_programme_do_not_exist(machine, ada, purchase):
    elsewhere = a_programme("butcher")
    a_member(elsewhere)
    stranger = a_machine(elsewhere)

    assert stranger.read(f"purchases/{purchase['id']}").status_code == 404
    assert capture(stranger, purchase).status_code == 404
    told = stranger.send("payment-notices", a_notice(purchase=purchase["id"], happened_at=now()))
    assert (told.status_code, told.json()["code"]) == (404, "purchase_unknown")
    assert Posting.objects.count() == 0


def test_a_key_that_may_only_spend_sells_nothing(bakery, ada, terms):
    spender = a_machine(bakery, Scope.POINTS_SPEND)

    for path, body in (("purchases", a_purchase()), ("payment-notices", a_notice())):
        response = spender.send(path, body)
        assert (response.status_code, response.json()["code"]) == (403, "scope_missing")
    assert Purchase.objects.count() == 0
