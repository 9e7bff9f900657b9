"""A shop's system tells what is kept about members, puts tags on them, and says what it knows beside an order."""

import pytest

from events.models import OutboxEvent
from integrations.models import Scope
from members.models import MemberAttribute, Tag
from orders.models import ContextAttribute, Order
from shops import attributes
from tests.integrations.shopkeepers import a_machine, an_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def declared(bakery):
    attributes.declare(MemberAttribute, programme=bakery, key="shirt", kind="text", label="Shirt")
    attributes.declare(MemberAttribute, programme=bakery, key="children", kind="number", label="Children")


def known_of(member):
    member.refresh_from_db()
    return member.attributes


def tell(machine, ada, **values):
    return machine.tell(f"members/{ada.number}/attributes", {"attributes": values})


def tag(machine, ada, **changes):
    return machine.tell(f"members/{ada.number}/tags", changes)


def test_values_are_set_changed_and_forgotten(machine, ada, declared):
    tell(machine, ada, shirt="M", children=2)

    answer = tell(machine, ada, shirt="XL", children=None)

    assert (answer.status_code, answer.json()) == (200, {"member": ada.number, "attributes": {"shirt": "XL"}})
    assert known_of(ada) == {"shirt": "XL"}
    assert tell(machine, ada, shirt="XL").status_code == 200
    assert OutboxEvent.objects.filter(type="member.attributes_noted").count() == 2


@pytest.mark.parametrize(
    ("values", "code", "facts"),
    [
        ({"children": 1, "shoe": 7}, "attribute_unknown", {"key": "shoe", "known": ["children", "shirt"]}),
        ({"children": "two"}, "attribute_value_invalid", {"key": "children", "expected": "a whole number"}),
        ({"children": True}, "attribute_value_invalid", {"key": "children", "expected": "a whole number"}),
        ({"shirt": ""}, "attribute_value_invalid", {"key": "shirt", "expected": "text"}),
    ],
)
def test_what_was_not_declared_so_is_refused_whole(values, code, facts, machine, ada, declared):
    refusal = tell(machine, ada, **values)

    assert (refusal.status_code, refusal.json()["code"], refusal.json()["facts"]) == (422, code, facts)
    assert known_of(ada) == {}


def test_tags_are_put_on_and_taken_off(machine, ada):
    tag(machine, ada, add=["vip", "newcomer"])

    answer = tag(machine, ada, add=["vip", " staff "], remove=["newcomer", "unknown"])

    assert (answer.status_code, answer.json()) == (200, {"member": ada.number, "tags": ["staff", "vip"]})
    assert machine.read(f"members/{ada.number}/tags").json()["tags"] == ["staff", "vip"]
    last = OutboxEvent.objects.filter(type="member.tagged").latest("pk")
    assert last.payload == {"member": ada.number, "added": ["staff"], "removed": ["newcomer"]}


def test_more_tags_than_fifty_are_refused_whole(machine, ada):
    tag(machine, ada, add=["one"])

    refusal = tag(machine, ada, add=[f"tag {number}" for number in range(50)])

    assert (refusal.status_code, refusal.json()["code"], refusal.json()["facts"]) == (422, "tag_invalid", {"most": 50})
    assert list(Tag.objects.values_list("name", flat=True)) == ["one"]


@pytest.mark.parametrize("what", ["attributes", "tags"])
def test_who_may_only_read_members_may_not_change_them(what, bakery, ada):
    reader = a_machine(bakery, Scope.MEMBERS_READ)

    refusal = reader.tell(f"members/{ada.number}/{what}", {"attributes": {"a": 1}} if what == "attributes" else {})

    assert refusal.status_code == 403
    assert not Tag.objects.exists()


def test_an_order_tells_what_the_till_knows(machine, bakery, ada):
    attributes.declare(ContextAttribute, programme=bakery, key="weather", kind="text", label="Weather")
    attributes.declare(ContextAttribute, programme=bakery, key="snow", kind="flag", label="Snow")

    told = machine.send("orders", an_order(context={"weather": "rain", "snow": False}))
    again = machine.send("orders", an_order(context={"snow": False, "weather": "rain"}))
    other = machine.send("orders", an_order(context={"weather": "sun"}))
    undeclared = machine.send("orders", an_order(reference="other", context={"moon": "full"}))

    assert (told.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert (undeclared.status_code, undeclared.json()["code"]) == (422, "order_invalid")
    assert undeclared.json()["errors"][0]["pointer"] == "#/context/moon"
    assert Order.objects.count() == 1
