"""At the counter: what a household's points pay, where the customer may spend them."""

from uuid import uuid4

import pytest

from ledger import queries as books
from ledger.paying import Terms
from ledger.services import accept_as_payment
from members.households import services as households
from members.models import Household
from rewards.models import Redemption
from rewards.services import confirm, undo
from tests.counter.people import NOON, a_member
from tests.counter.test_redeem import said, scan
from tests.ledger.books import findings
from tests.members.families import founded, give, joined, offered, shares_of


@pytest.fixture
def dora(bakery, ada):
    """Another adult of Ada's household, who has nothing of her own; Ada gave 600 of her 700 points."""
    offered(bakery)
    founded(ada, "Lovelace")
    dora = a_member(bakery, "Dora Lovelace")
    joined(ada, dora)
    give(ada, 600)
    return dora


@pytest.fixture(autouse=True)
def _books_add_up(db):
    yield
    assert findings() == []


def reserve(client, visit, **changes):
    return client.post(f"{visit}rewards/", {"reward": "coffee", "key": uuid4()} | changes)


def test_a_reward_is_offered_with_the_households_points_and_paid_with_them(at_till, dora, ada, coffee, till):
    visit = scan(at_till, dora)
    page = said(at_till.get(visit))
    assert "Lovelace: 600 points" in page
    assert "With the points of Lovelace" in page

    assert reserve(at_till, visit, household="1").status_code == 302
    redemption = Redemption.objects.get()
    confirm(redemption_id=redemption.pk, member=dora, at=redemption.reserved_at)

    household = Household.objects.get()
    assert redemption.member == dora
    assert shares_of(household, ada, at=redemption.reserved_at) == [600 - coffee.price]


def test_with_the_customers_own_points_it_is_short(at_till, dora, coffee):
    visit = scan(at_till, dora)

    assert reserve(at_till, visit).status_code == 409
    assert Redemption.objects.count() == 0


def test_a_contributor_is_offered_nothing_of_the_household(at_till, dora, ada, coffee):
    households.change_role(by=ada, number=dora.number, role="CONTRIBUTOR", at=NOON)
    visit = scan(at_till, dora)

    assert "With the points of" not in said(at_till.get(visit))
    refused = reserve(at_till, visit, household="1")

    assert refused.status_code == 403
    assert "Gives, does not spend" in said(refused)
    assert Redemption.objects.count() == 0


def test_a_bill_is_paid_by_the_household(at_till, dora, ada, bakery):
    accept_as_payment(unit=books.unit_of(bakery.pk, "points"), terms=Terms(10, 100, minimum=50, step=10))
    visit = scan(at_till, dora)
    page = said(at_till.get(f"{visit}bill/?total=25"))
    assert "household Lovelace" in page

    told = {"unit": "points", "amount": "200", "total": "25.00", "key": uuid4(), "household": "1"}
    assert at_till.post(f"{visit}bill/pay/", told).status_code == 302
    redemption = Redemption.objects.get()
    confirm(redemption_id=redemption.pk, member=dora, at=redemption.reserved_at)

    assert shares_of(Household.objects.get(), ada, at=redemption.reserved_at) == [400]


def test_undoing_gives_back_to_whose_they_were(at_till, dora, ada, coffee, eva):
    reserve(at_till, scan(at_till, dora), household="1")
    redemption = Redemption.objects.get()
    confirm(redemption_id=redemption.pk, member=dora, at=redemption.reserved_at)

    undo(redemption_id=redemption.pk, by=eva, at=redemption.reserved_at)

    assert shares_of(Household.objects.get(), ada, at=redemption.reserved_at) == [600]
