"""How many queries each page of the desk takes, and that none takes more when there is more to show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shops.models import User
from tests.admin import people
from tests.admin.people import Role
from tests.admin.test_permissions import MATRIX
from tests.campaigns import happenings, trade
from tests.campaigns.trade import NOON, buy, per_money
from tests.counter import people as counter


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def world(db):
    return people.a_world()


@pytest.fixture
def desks(world):
    """A browser that may open a page, by the label of its model."""
    here = world["shops.programme"]
    marketer = people.at_the_desk(people.staff("Mara", Role.MARKETER, here))
    owner = people.at_the_desk(people.staff("Olive", Role.OWNER, here))
    root = people.at_the_desk(User.objects.create_superuser("root@example.com"))
    support = people.at_the_desk(people.staff("Sami", Role.SUPPORT, here))
    first = {"marketer": marketer, "owner": owner, "superuser": root, "support": support}
    return {model: next(desk for name, desk in first.items() if name in may) for model, may in MATRIX.items()}


def more_of_everything(world):
    """Two more rows for most lists, each with relations of its own."""
    programme = world["shops.programme"]
    for number, name in enumerate(("ben", "cleo"), start=1):
        member = trade.a_member(programme, name)
        shop = counter.a_shop(programme, f"shop-{number}")
        buy(programme, 900_00, reference=f"of {name}", customer=name, shop_code=shop.code)
        trade.bring_back(programme, (1, 1), of=f"of {name}", reference=f"R-{name}")
        buy(programme, 900_00, reference=f"again {name}", customer=name)
        happenings.a_type(programme, key=f"type-{number}")
        happenings.happen(programme, name, customer=name)
        till = counter.a_till(shop, people.staff(name.title(), Role.CASHIER, programme, shop))
        reward = counter.a_reward(programme, f"reward-{number}")
        counter.ask_for(member, till, reward.key, nonce=name)
        trade.a_campaign(programme, per_money(), key=f"campaign-{number}")
        people.an_adjustment(member)
        people.a_transfer(world["members.member"], to=f"friend of {name}")
        people.keys.issue_key(programme=programme, name=name, scopes=[people.Scope.ORDERS_READ], by="Olive", at=NOON)
        hook, _ = people.endpoints.register_endpoint(programme=programme, url=f"https://example.com/{name}")
        people.deliveries.send_test(endpoint=hook, at=NOON)


def queries_of(desk, path):
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("model", MATRIX)
def test_the_pages_of_a_model_take_as_many_queries_as_recorded(model, world, desks, count_queries):
    desk = desks[model]
    for page in ("changelist", "change"):
        # What a process learns once and keeps, such as numbers of content types, is learnt here.
        desk.get(people.address(model, page, world[model].pk))

    with count_queries(f"desk: list of {model}"):
        desk.get(people.address(model, "changelist"))
    with count_queries(f"desk: page of {model}"):
        desk.get(people.address(model, "change", world[model].pk))


def test_the_page_of_a_rule_takes_as_many_queries_as_recorded(world, desks, count_queries):
    desk, path = (
        desks["campaigns.campaign"],
        people.address("campaigns.campaign", "rule", world["campaigns.campaign"].pk),
    )
    desk.get(f"{path}?key=r1")

    with count_queries("desk: page of a rule"):
        desk.get(f"{path}?key=r1")


def test_a_list_takes_no_more_queries_for_more_rows(world, desks):
    paths = {model: people.address(model, "changelist") for model in MATRIX}
    few = {model: queries_of(desks[model], path) for model, path in paths.items()}

    more_of_everything(world)

    many = {model: queries_of(desks[model], path) for model, path in paths.items()}
    assert many == few


def test_a_member_with_a_longer_history_takes_no_more_queries(world, desks):
    page = people.address("members.member", "change", world["members.member"].pk)
    few = queries_of(desks["members.member"], page)

    for number in range(12):
        buy(world["shops.programme"], 100, reference=f"more {number}")

    assert queries_of(desks["members.member"], page) == few


def test_the_first_page_takes_as_many_queries_as_recorded(world, desks, count_queries):
    desks["members.member"].get("/admin/")

    with count_queries("desk: today"):
        desks["members.member"].get("/admin/")
