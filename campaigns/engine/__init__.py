"""The engine: facts in, a decision out. No Django, no clock, no database."""

from campaigns.engine.decide import decide
from campaigns.engine.facts import Cut, Decision, Grant, PriceCut, Rejection, RuleInForce, Use
from campaigns.engine.gates import InForce

__all__ = ["Cut", "Decision", "Grant", "InForce", "PriceCut", "Rejection", "RuleInForce", "Use", "decide"]
