"""What can be bought: terms, prices, and limits that hold."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ledger import errors
from ledger.models import Purchase, PurchaseTerms
from ledger.purchases import bought_in, quote
from tests.ledger import books
from tests.ledger.books import DAY, NOON, SECOND
from tests.ledger.buying import TOP_UP, ask, buy, sell, tell


@pytest.fixture
def terms(unit):
    return sell(unit)


@pytest.fixture
def cash(programme):
    """A wallet of money, in cents."""
    return books.a_unit(programme, "cash", klass="STORED_VALUE", decimals=2)


def test_the_year_has_a_limit(wallet, terms):
    buy(wallet, terms, 150_000)

    with books.unchanged(), pytest.raises(errors.PurchaseLimitReached) as refusal:
        ask(wallet, terms, 51_000)

    assert refusal.value.facts == {"limit": 200_000, "left": 50_000}
    assert buy(wallet, terms, 50_000).state == "CAPTURED"
    assert bought_in(wallet_id=wallet.wallet_id, unit_id=wallet.unit.pk, year=2026) == 200_000


def test_a_request_holds_no_room_in_the_year_and_an_authorised_one_does(wallet, terms):
    first, second = (ask(wallet, terms, 150_000).purchase for _ in range(2))
    tell(first, "AUTHORISED")

    for kind in ("AUTHORISED", "CAPTURED"):
        with books.unchanged(), pytest.raises(errors.PurchaseOverLimit):
            tell(second, kind)

    tell(first, "CANCELLED")
    assert tell(second, "CAPTURED").changed


def test_what_went_back_makes_room_in_its_year(wallet, terms):
    purchase = buy(wallet, terms, 200_000)
    tell(purchase, "REFUNDED")

    assert buy(wallet, terms, 200_000).state == "CAPTURED"


def test_the_year_is_that_of_the_programmes_zone(wallet, terms):
    eve = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)  # one second before midnight in Berlin
    buy(wallet, terms, 200_000, at=eve)

    with pytest.raises(errors.PurchaseLimitReached):
        ask(wallet, terms, 1000, at=eve)
    assert buy(wallet, terms, 200_000, at=eve + SECOND).counts_in == 2027


@pytest.mark.parametrize(
    ("amount", "reason"), [(0, "below_minimum"), (500, "below_minimum"), (1500, "off_step"), (201_000, "above_maximum")]
)
def test_amounts_that_are_not_for_sale(amount, reason, wallet, terms):
    with books.unchanged(), pytest.raises(errors.PurchaseAmountRefused) as refusal:
        ask(wallet, terms, amount)

    assert refusal.value.facts == {"reason": reason, "minimum": 1000, "maximum": 200_000, "step": 1000}
    assert Purchase.objects.count() == 0


def test_what_is_not_offered_is_not_sold(wallet, unit):
    closed = sell(unit, is_offered=False)

    with pytest.raises(errors.PurchaseNotOffered):
        ask(wallet, closed)


def test_a_purchase_keeps_the_terms_it_was_made_under(wallet, terms, unit):
    asked = ask(wallet, terms, ref="1")
    dearer = sell(unit, price=9900, withdrawal_days=0)

    again = ask(wallet, dearer, ref="1")
    paid = tell(asked.purchase, "CAPTURED", 3000).purchase

    assert (again.fresh, again.purchase.pk, again.purchase.total) == (False, asked.purchase.pk, 3000)
    assert paid.withdraw_until is not None
    assert ask(wallet, dearer).purchase.total == 11_400
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PurchaseTerms.objects.update(price=1)


def test_the_price_is_the_one_that_was_seen(wallet, terms):
    with pytest.raises(errors.PriceChanged) as refusal:
        ask(wallet, terms, seen_total=2900)

    assert (refusal.value.facts, Purchase.objects.count()) == ({"seen": 2900, "total": 3000}, 0)
    assert ask(wallet, terms, seen_total=3000).fresh


def test_five_wait_at_most(wallet, terms):
    waiting = [ask(wallet, terms).purchase for _ in range(5)]

    with pytest.raises(errors.PurchasesWaiting):
        ask(wallet, terms)

    tell(waiting[0], "CANCELLED")
    assert ask(wallet, terms).fresh
    assert ask(wallet, terms, at=NOON + 2 * DAY).fresh


def test_qualifying_points_are_not_for_sale(programme):
    status = books.a_unit(programme, "status", klass="QUALIFYING")

    with pytest.raises(ValueError, match="not for sale"):
        sell(status)
    with pytest.raises(IntegrityError, match="not for sale"), transaction.atomic():
        PurchaseTerms.objects.create(
            unit=status, number=1, is_offered=True, step=1, price=1, minimum=1, maximum=9, set_at=NOON
        )


def test_stored_value_costs_what_it_is_worth(cash):
    with pytest.raises(IntegrityError, match="costs what it is worth"), transaction.atomic():
        sell(cash, TOP_UP, price=2)
    assert sell(cash, TOP_UP, step=500, price=500, minimum=500).number == 1


def test_steps_of_the_least_and_the_most_are_whole(unit):
    with pytest.raises(IntegrityError, match="whole steps"), transaction.atomic():
        sell(unit, minimum=1500)


def test_a_purchase_of_another_price_does_not_begin(wallet, terms):
    row = {"wallet_id": wallet.wallet_id, "unit": terms.unit, "terms": terms, "programme_id": terms.unit.programme_id}

    with pytest.raises(IntegrityError, match="what its terms say"), transaction.atomic():
        Purchase.objects.create(
            **row,
            number="B2345678",
            amount=1000,
            price=1,
            fee=1500,
            total=1501,
            requested_at=NOON,
            expires_at=NOON + DAY,
        )


def test_a_quote_says_what_is_allowed(wallet, terms):
    buy(wallet, terms, 196_000)

    found = quote(wallet_id=wallet.wallet_id, terms=terms, at=NOON, amount=9000)

    assert (found.bought, found.maximum, found.amount, found.price.total) == (196_000, 4000, 4000, 7500)
    assert quote(wallet_id=wallet.wallet_id, terms=terms, at=NOON).amount == 1000
