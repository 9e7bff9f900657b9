"""Both compilers of the condition language, and a plain reading of the raw rows, find the same members."""

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from members.models import MemberAttribute
from shops import attributes
from tests.members.segments import worlds

LISTS = {"min_size": 1, "max_size": 2}
SMALL = st.integers(0, 4)
NUMBERS = SMALL | st.sampled_from([28, 30, 31, 90, 364, 365, 10**30])
ORDERED = st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"])
DAYS = st.sampled_from(["2026-03-29", "2026-10-25", "2026-12-31", "2027-01-01", "2028-02-29"])


def a_test(field, op, value):
    return {"field": field, "op": op, "value": value}


def compared(fields, ops, values):
    return st.builds(a_test, st.sampled_from(fields), st.sampled_from(ops), values)


def numbers(fields, values=NUMBERS):
    return st.builds(a_test, st.sampled_from(fields), ORDERED, values) | compared(
        fields, ["in", "not_in"], st.lists(values, **LISTS)
    )


def texts(fields, values):
    return compared(fields, ["eq", "ne"], values) | compared(fields, ["in", "not_in"], st.lists(values, **LISTS))


def several(fields, values):
    return compared(fields, ["has_any", "has_all", "has_none"], st.lists(values, **LISTS))


def grouped(tests, most):
    joints = st.sampled_from(["all", "any", "none"])
    return st.recursive(
        tests, lambda parts: st.builds(lambda j, i: {j: i}, joints, st.lists(parts, **LISTS)), max_leaves=most
    )


OF_A_LINE = grouped(
    numbers(
        ["line.price", "line.list_price", "line.discount", "line.net", "line.unit_price", "line.quantity"],
        st.integers(0, 40),
    )
    | texts(["line.sku"], st.sampled_from(["CAKE", "BREAD"]))
    | texts(["order.channel", "order.shop"], st.sampled_from(["web", "till"]))
    | several(["line.labels"], st.sampled_from(["new", "sale", "vegan"])),
    3,
)
OF_AN_ORDER = grouped(
    numbers(["order.total", "order.goods", "order.goods_net"], st.integers(0, 60))
    | texts(["order.channel"], st.sampled_from(["web", "till"])),
    3,
)
WITHIN = st.one_of(
    st.just("ever"),
    st.builds(
        lambda number, unit: {"last": number, "unit": unit},
        st.sampled_from([1, 2, 30, 100]),
        st.sampled_from(["day", "week", "month", "year"]),
    ),
    st.builds(
        lambda period, unit: {"period": period, "unit": unit},
        st.sampled_from(["current", "previous"]),
        st.sampled_from(["day", "week", "month", "quarter", "year"]),
    ),
)


def histories(history, fields, where):
    measures = st.sampled_from([("count", None), ("last", None), ("distinct_days", None)]) | st.tuples(
        st.sampled_from(["sum", "average"]), st.sampled_from(fields)
    )
    values = st.integers(0, 5) | st.integers(0, 80)
    return st.builds(
        lambda measure, where, within, op, value: {
            "history": history,
            "measure": measure[0],
            "of": measure[1],
            "where": where,
            "within": within,
            "op": op,
            "value": value,
        },
        measures,
        st.just({"all": []}) | where,
        WITHIN,
        ORDERED,
        values,
    )


OF_A_MEMBER = st.one_of(
    texts(["member.status"], st.sampled_from(["ACTIVE", "BLOCKED"])),
    compared(["member.has_email", "member.is_birthday", "member.is_anniversary"], ["eq"], st.booleans()),
    compared(["member.custom.vegan"], ["eq"], st.booleans()),
    several(["member.identifiers", "member.tags"], st.sampled_from(["till", "shopify", "vip", "staff"])),
    several(["member.segments"], st.just("gold")),
    numbers(["member.days", "member.years", "member.days_to_birthday", "member.days_since_birthday"]),
    numbers(["member.days_around_birthday", "member.custom.height"], SMALL),
    texts(["member.birth_month"], st.sampled_from(["2", "12"])),
    texts(["member.custom.city"], st.sampled_from(["Bonn", "Ulm", "%s"])),
    st.builds(a_test, st.just("member.joined"), ORDERED, DAYS),
)
HISTORIES = histories("orders", ["order.total", "order.goods"], OF_AN_ORDER) | histories(
    "lines", ["line.price", "line.quantity", "line.net"], OF_A_LINE
)
TREES = grouped(OF_A_MEMBER | HISTORIES, 5)


@pytest.mark.django_db
@settings(max_examples=60)
@given(
    st.lists(worlds.PEOPLE, min_size=1, max_size=4),
    st.lists(TREES, min_size=4, max_size=8),
    worlds.MOMENTS,
    worlds.ZONES,
)
def test_both_compilers_and_a_plain_reading_find_the_same_members(people, trees, at, zone):
    with transaction.atomic():
        programme, members = worlds.a_world(people)
        attributes.declare(MemberAttribute, programme=programme, key="height", kind="number", label="Height")
        attributes.declare(MemberAttribute, programme=programme, key="city", kind="text", label="City")
        attributes.declare(MemberAttribute, programme=programme, key="vegan", kind="flag", label="Vegan", default=False)

        for tree in trees:
            expected = worlds.plainly_found(people, members, tree, at, zone)

            assert worlds.found_at_once(programme, tree, at, zone) == expected, tree
            assert worlds.found_one_by_one(programme, members, tree, at, zone) == expected, tree
            assert worlds.decided(programme, members, tree, at, zone) == expected, tree

        transaction.set_rollback(True)
