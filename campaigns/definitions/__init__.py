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
from campaigns.definitions.rules import Definition, Rule, condition_of, filters_of

__all__ = [
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
    "read",
    "write",
]
