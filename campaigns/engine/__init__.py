"""The engine: facts in, a decision out. No Django, no clock, no database."""

from campaigns.engine.decide import decide
from campaigns.engine.facts import Decision, Grant, Rejection, RuleInForce

__all__ = ["Decision", "Grant", "Rejection", "RuleInForce", "decide"]
