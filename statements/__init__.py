"""Statements that travel to the database together, because a round trip costs more than what most of them do."""

from statements.together import Change, Overtaken, Question, ask, both, carry_out, constraint_taken, settle

__all__ = ["Change", "Overtaken", "Question", "ask", "both", "carry_out", "constraint_taken", "settle"]
