"""/api/v1/exchanges: whole chunks of one unit become another."""

import pytest

from integrations.models import Scope
from ledger import services as ledger
from ledger.models import Conversion
from ledger.queries import unit_of
from tests.integrations.shopkeepers import a_machine, an_order


@pytest.fixture
def terms(machine, ada):
    """100 points become 10.00; Ada has 250."""
    programme = ada.programme
    credit = ledger.open_unit(programme_id=programme.pk, code="credit", name="Credit", klass="CREDIT", decimals=2)
    machine.send("orders", an_order(lines=[{"sku": "OVEN", "amount": "250.00"}]))
    new = ledger.NewTerms(chunk=100, gives=1000, is_offered=True, is_automatic=False)
    return ledger.add_conversion(source=unit_of(programme.pk, "points"), target=credit, terms=new)


def an_exchange(ada, **changes):
    return {
        "source": "webshop",
        "reference": "x1",
        "customer": ada.number,
        "from_unit": "points",
        "to_unit": "credit",
        "chunks": 1,
    } | changes


def test_what_can_be_exchanged_is_told(machine, terms):
    response = machine.read("exchanges")

    assert response.status_code == 200
    assert response.json()["results"] == [
        {
            "chunk": {"unit": "points", "amount": "100"},
            "gives": {"unit": "credit", "amount": "10.00"},
            "is_automatic": False,
        }
    ]


def test_a_chunk_is_exchanged(machine, terms, ada):
    response = machine.send("exchanges", an_exchange(ada))

    assert response.status_code == 201
    answer = response.json()
    assert answer == {
        "member": ada.number,
        "posting": Conversion.objects.get().posting_id,
        "chunks": 1,
        "taken": {"unit": "points", "amount": "100"},
        "given": {"unit": "credit", "amount": "10.00"},
    }


def test_without_a_number_all_whole_chunks_are_exchanged(machine, terms, ada):
    response = machine.send("exchanges", an_exchange(ada, chunks=None))

    assert (response.status_code, response.json()["chunks"]) == (201, 2)


def test_the_same_reference_again_is_the_same_exchange(machine, terms, ada):
    first = machine.send("exchanges", an_exchange(ada))

    again = machine.send("exchanges", an_exchange(ada))

    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert Conversion.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"chunks": 3}, 422, "insufficient_points"),
        ({"to_unit": "stars"}, 422, "conversion_not_offered"),
        ({"from_unit": "credit", "to_unit": "points"}, 422, "conversion_not_offered"),
        ({"customer": "400000000006"}, 404, "member_unknown"),
        ({"chunks": 0}, 400, "invalid"),
    ],
)
def test_what_cannot_be_exchanged_is_refused(changes, status, code, machine, terms, ada):
    response = machine.send("exchanges", an_exchange(ada, **changes))

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert Conversion.objects.count() == 0


def test_a_key_that_may_only_read_exchanges_nothing(machine, terms, ada):
    reader = a_machine(ada.programme, Scope.MEMBERS_READ)

    response = reader.send("exchanges", an_exchange(ada))

    assert (response.status_code, response.json()["code"]) == (403, "scope_missing")
    assert Conversion.objects.count() == 0
