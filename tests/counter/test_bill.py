"""At the counter: a bill, how much of it points pay, and the customer's yes."""

from uuid import uuid4

import pytest
from django.utils import timezone

from ledger.paying import Terms
from ledger.queries import unit_of
from ledger.services import accept_as_payment, open_unit
from rewards.models import Redemption
from rewards.services import confirm, decline
from tests.counter.people import balance, number_shown_to
from tests.counter.test_redeem import said, scan
from tests.ledger import books


@pytest.fixture
def unit(bakery):
    """Ten points are one euro; at least 50 points, in steps of 10."""
    unit = unit_of(bakery.pk, "points")
    accept_as_payment(unit=unit, terms=Terms(10, 100, minimum=50, step=10))
    return unit


@pytest.fixture
def visit(at_till, ada, unit):
    """The address of Ada's visit."""
    return scan(at_till, ada)


def pay(client, visit, amount="200", total="25.00", **changes):
    told = {"unit": "points", "amount": amount, "total": total, "key": uuid4()} | changes
    return client.post(f"{visit}bill/pay/", told)


def test_a_visit_leads_to_the_bill(at_till, visit):
    assert f"{visit}bill/" in at_till.get(visit).content.decode()


def test_where_nothing_pays_there_is_no_way_to_the_bill(at_till, ada):
    visit = scan(at_till, ada)

    assert "Pay with points" not in said(at_till.get(visit))
    assert "Nothing of this programme pays a bill right now." in said(at_till.get(f"{visit}bill/?total=10"))


def test_the_bill_is_asked_first(at_till, visit):
    page = said(at_till.get(f"{visit}bill/"))

    assert "Ada pays with points Total of the bill in EUR" in page
    assert "Ask Ada" not in page


def test_with_the_bill_the_most_is_offered_with_its_value(at_till, visit):
    page = at_till.get(f"{visit}bill/?total=25,00")

    assert "700 points there €25.00 off the bill, €0.00 left to pay Points, 50 to 250" in said(page)
    assert 'type="number"' in page.content.decode()
    assert 'min="50" max="250" step="10" value="250"' in page.content.decode()


@pytest.mark.parametrize("total", ["ten", "0", "1.234", "-5"])
def test_a_bill_that_is_none_is_asked_again(total, at_till, visit):
    page = at_till.get(f"{visit}bill/", {"total": total})

    assert 'aria-invalid="true"' in page.content.decode()
    assert "Ask Ada" not in said(page)


@pytest.mark.parametrize(("total", "told"), [("4.99", "The bill is too small for “Points”: at least 50 are taken.")])
def test_a_bill_too_small_says_so(total, told, at_till, visit):
    assert told in said(at_till.get(f"{visit}bill/", {"total": total}))


def test_who_has_too_little_is_told_what_it_takes(at_till, visit, unit):
    accept_as_payment(unit=unit, terms=Terms(10, 100, minimum=800))

    page = said(at_till.get(f"{visit}bill/?total=25"))

    assert "“Points”: at least 800 are taken, and there are 700 points." in page


def test_choosing_asks_the_customer_and_takes_nothing(at_till, visit, ada):
    page = said(at_till.get(pay(at_till, visit)["Location"]))

    assert "Ask Ada €20.00 of the bill for 200 points?" in page
    assert number_shown_to(ada, timezone.now()) not in page
    assert balance(ada, timezone.now()) == 500


def test_the_customers_yes_pays(at_till, visit, ada):
    waiting = pay(at_till, visit)["Location"]
    confirm(redemption_id=Redemption.objects.get().pk, member=ada, at=timezone.now())

    page = said(at_till.get(waiting))

    assert "Paid: €20.00 of the bill Ada paid 200 points." in page
    assert "Give Ada 200 points back? €20.00 of the bill is to be paid with money then." in page


def test_a_no_takes_nothing_off_the_bill(at_till, visit, ada):
    waiting = pay(at_till, visit)["Location"]
    decline(redemption_id=Redemption.objects.get().pk, member=ada, at=timezone.now())

    assert "Not paid Take nothing off the bill. Ada keeps 200 points." in said(at_till.get(waiting))


def test_a_payment_is_undone_at_the_counter(at_till, visit, ada):
    waiting = pay(at_till, visit)["Location"]
    confirm(redemption_id=Redemption.objects.get().pk, member=ada, at=timezone.now())

    at_till.post(f"{waiting}undo/")

    assert "Undone Ada has 200 points back." in said(at_till.get(waiting))
    assert balance(ada, timezone.now()) == 700


def test_pressing_twice_asks_once(at_till, visit):
    key = uuid4()

    first, again = pay(at_till, visit, key=key), pay(at_till, visit, key=key)

    assert first["Location"] == again["Location"]
    assert Redemption.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "255"),
        ("amount", "260"),
        ("amount", "40"),
        ("amount", "x"),
        ("unit", "x"),
        ("total", ""),
        ("key", "1"),
    ],
)
def test_what_the_page_would_not_offer_is_refused(field, value, at_till, visit, ada):
    answer = pay(at_till, visit, **{field: value})

    assert answer.status_code == 409
    assert "Not so much" in said(answer)
    assert (Redemption.objects.count(), balance(ada, timezone.now())) == (0, 700)


def test_a_visit_that_is_over_pays_nothing(at_till, visit, ada, at_noon):
    at_noon.shift(301)

    for answer in (at_till.get(f"{visit}bill/?total=25"), pay(at_till, visit)):
        assert answer.status_code == 409
        assert "Scan again" in said(answer)
    assert balance(ada, timezone.now()) == 700


def test_the_list_of_the_last_ones_names_the_bill(at_till, visit):
    pay(at_till, visit)

    assert "€20.00 of the bill being asked" in said(at_till.get("/counter/redemptions/"))


def test_a_wallet_of_money_pays_with_its_decimals(at_till, ada, bakery):
    money = open_unit(programme_id=bakery.pk, code="wallet", name="Wallet", klass="STORED_VALUE", decimals=2)
    accept_as_payment(unit=money, terms=Terms(1, 1, earns=True))
    books.TestWallet(ada.wallet_id, money).earn(1234, at=timezone.now())
    visit = scan(at_till, ada)

    page = said(at_till.get(f"{visit}bill/?total=20"))
    asked = at_till.get(pay(at_till, visit, unit="wallet", amount="12.34", total="20")["Location"])

    assert "Wallet 12.34 Wallet there €12.34 off the bill, €7.66 left to pay Wallet, 0.01 to 12.34" in page
    assert "€12.34 of the bill for 12.34 Wallet?" in said(asked)


def test_the_bill_takes_few_queries(at_till, visit, count_queries):
    with count_queries("counter: bill"):
        at_till.get(f"{visit}bill/?total=25")
