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
from campaigns.definitions.rules import EVENT, ORDER, Definition, Rule, Words, condition_of, filters_of, measure_of

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
    "Words",
    "check",
    "condition_of",
    "filters_of",
    "measure_of",
    "read",
    "write",
]
