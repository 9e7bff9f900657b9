"""Any payload that fits its type is kept plain, and means the same when it leaves the house and comes in again."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conditions.deciding import first_failure
from conditions.situation import Situation
from conditions.tree import parse
from conditions.vocabulary import FieldType
from kernel.amounts import format_minor
from orders.events.errors import EventInvalid
from orders.events.types import KINDS, Attribute, DeclaredType, Happening, outside, read_payload
from orders.events.vocabulary import words_of
from tests.campaigns.trade import NOON

A_LINE = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=40).filter(str.isprintable)
DECIMALS = 2
SENT = {
    FieldType.TEXT: A_LINE,
    FieldType.NUMBER: st.integers(-(10**15), 10**15),
    FieldType.MONEY: st.integers(-(10**12), 10**12).map(lambda minor: format_minor(minor, decimals=DECIMALS)),
    FieldType.QUANTITY: st.one_of(
        st.integers(-(10**6), 10**6), st.integers(0, 10**9).map(lambda amount: format_minor(amount, decimals=3))
    ),
    FieldType.DATE: st.dates().map(str),
    FieldType.FLAG: st.booleans(),
    FieldType.TEXTS: st.lists(A_LINE, max_size=5),
}
KEYS = [f"a{number}" for number in range(5)]


@st.composite
def reported(draw):
    """A type, and a payload that fits it: some of its attributes, in any sequence."""
    attributes = tuple(Attribute(key, draw(st.sampled_from(KINDS))) for key in KEYS)
    carried = draw(st.lists(st.sampled_from(attributes), unique_by=lambda attribute: attribute.key))
    return DeclaredType("made.up", "made up", attributes), {
        attribute.key: draw(SENT[attribute.type]) for attribute in carried
    }


@given(reported())
def test_what_was_read_leaves_the_house_and_comes_in_again_as_it_is(made):
    declared, payload = made

    plain = read_payload(declared, payload, decimals=DECIMALS)

    kinds = {attribute.key: attribute.type for attribute in declared.attributes}
    again = {key: outside(kinds[key], value, decimals=DECIMALS) for key, value in plain.items()}
    assert plain.keys() == payload.keys()
    assert list(plain) == [key for key in KEYS if key in payload]
    assert read_payload(declared, again, decimals=DECIMALS) == plain
    assert msgspec.json.decode(msgspec.json.encode(plain)) == plain


@given(reported(), st.sampled_from(KEYS), st.sampled_from([1.5, {}, {"a": 1}, [1], [[]], "two\nlines", "", "x" * 501]))
def test_what_fits_no_kind_is_refused_by_its_name(made, key, wrong):
    declared, _fitting = made

    with pytest.raises(EventInvalid) as refused:
        read_payload(declared, {key: wrong}, decimals=DECIMALS)

    assert refused.value.facts["pointer"] == f"/payload/{key}"


@given(reported())
def test_conditions_find_every_value_that_is_carried_and_nothing_where_it_is_not(made):
    declared, payload = made
    plain = read_payload(declared, payload, decimals=DECIMALS)
    asked = Situation(Happening(declared.key, plain), NOON)

    for attribute in declared.attributes:
        field = words_of(declared).get(f"event.{attribute.key}")
        assert field.read(asked) == plain.get(attribute.key)
        if attribute.type is FieldType.NUMBER and attribute.key in plain:
            same = {"field": field.name, "op": "eq", "value": plain[attribute.key]}
            assert first_failure(parse(same, words_of(declared)), asked) is None
