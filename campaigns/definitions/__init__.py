"""What campaigns say: rules, effects, discounts and limits."""

from campaigns.definitions.checks import check
from campaigns.definitions.discounts import Discount
from campaigns.definitions.effects import (
    Base,
    Combine,
    Count,
    Effect,
    Fixed,
    Limit,
    Mode,
    Multiplier,
    Multipliers,
    Per,
    Percent,
    PerMoney,
    PerQuantity,
    Rounding,
    Scope,
)
from campaigns.definitions.reading import read, write
from campaigns.definitions.rules import EVENT, ORDER, Definition, Rule, condition_of, filters_of, measure_of, words_for

__all__ = [
    "EVENT",
    "ORDER",
    "Base",
    "Combine",
    "Count",
    "Definition",
    "Discount",
    "Effect",
    "Fixed",
    "Limit",
    "Mode",
    "Multiplier",
    "Multipliers",
    "Per",
    "PerMoney",
    "PerQuantity",
    "Percent",
    "Rounding",
    "Rule",
    "Scope",
    "check",
    "condition_of",
    "filters_of",
    "measure_of",
    "read",
    "words_for",
    "write",
]
