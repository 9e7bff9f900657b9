"""Statements that travel to the database together, because a round trip costs more than what most of them do."""

from roundtrips.together import Change, Overtaken, Question, ask, both, carry_out, settle

__all__ = ["Change", "Overtaken", "Question", "ask", "both", "carry_out", "settle"]
