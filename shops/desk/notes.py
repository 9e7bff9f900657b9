"""
What a room above knows about the rows of a room below, for whole pages of a list: its sentence on each.

The counterpart of `shops.desk.panels` for lists. A model has one such note.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Note = Callable[[Sequence[Any]], Mapping[int, str]]

_notes: dict[str, Note] = {}


def give(model: str, note: Note) -> None:
    """Say what is noted on rows of a model, named as in `ledger.Posting`; called once while the app starts."""
    _notes[model.lower()] = note


def notes_on(model: str, rows: Sequence[Any]) -> Mapping[int, str]:
    """The notes by primary key; rows without one are left out."""
    note = _notes.get(model.lower())
    return note(rows) if note and rows else {}
