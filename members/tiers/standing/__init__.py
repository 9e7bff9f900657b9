"""
Where a member stands on a ladder: pure. What was measured, what is held and the hour go in, and out comes what is next.

Two things are kept apart. What a member holds by what they did (`Own`) moves by the ladder's rules alone. Grants, by
hand, paid, on trial or for life, are floors: what is shown is the highest of all.
"""

from members.tiers.standing.deciding import counted, review
from members.tiers.standing.facts import (
    Case,
    Cause,
    Figures,
    Granted,
    Outcome,
    Own,
    Reached,
    Shown,
    Which,
)
from members.tiers.standing.looking import keeping, met, place_of, stretches_of

__all__ = [
    "Case",
    "Cause",
    "Figures",
    "Granted",
    "Outcome",
    "Own",
    "Reached",
    "Shown",
    "Which",
    "counted",
    "keeping",
    "met",
    "place_of",
    "review",
    "stretches_of",
]
