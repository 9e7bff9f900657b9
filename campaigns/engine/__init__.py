"""The engine: facts in, a decision out. No Django, no clock, no database."""

from campaigns.engine.decide import decide
from campaigns.engine.facts import Cut, Decision, Grant, PriceCut, Rejection, RuleInForce, Use

__all__ = ["Cut", "Decision", "Grant", "PriceCut", "Rejection", "RuleInForce", "Use", "decide"]
