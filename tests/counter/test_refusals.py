"""Every refusal the counter can meet is worded; what nobody worded goes on as a fault."""

import inspect

import pytest

from counter.refusals import refusal_of
from kernel.errors import DomainError
from members import errors as members
from rewards import errors as rewards
from tests.counter.people import NOON

FACTS = {"used_at": NOON, "shop": "Market Square", "staff": "Eva", "required": 300, "spendable": 100}
# What the counter's own pages turn into something else than a refusal, or what other rooms ask for.
NOT_SHOWN = {
    "CardMalformed", "MemberExists", "BirthdayInvalid", "BirthdayJustTold",
    "AttributeUnknown", "AttributeValueInvalid", "SegmentInvalid", "TagInvalid",
    "RedemptionUnknown", "WrongNumber", "RewardExists", "StockMoved",
}  # fmt: skip


def refusals(*rooms):
    found = [kind for room in rooms for _, kind in inspect.getmembers(room, inspect.isclass)]
    return [kind for kind in found if issubclass(kind, DomainError) and kind is not DomainError]


@pytest.mark.parametrize("kind", [kind for kind in refusals(members, rewards) if kind.__name__ not in NOT_SHOWN])
def test_a_refusal_says_what_happened_and_what_to_do(kind):
    told = refusal_of(kind(**FACTS))

    assert str(told.title)
    assert str(told.text).endswith((".", "?"))
    assert 400 <= told.status < 500


def test_an_error_nobody_worded_is_not_hidden():
    class Surprise(DomainError):
        code = "surprise"

    with pytest.raises(Surprise):
        refusal_of(Surprise())


def test_the_numbers_of_a_refusal_are_told():
    assert "Used at 12:00 in Market Square by Eva." in str(refusal_of(members.CardUsed(**FACTS)).text)
    assert "200 points short." in str(refusal_of(rewards.NotEnough(**FACTS)).text)
