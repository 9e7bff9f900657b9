"""Reads of events and their types."""

import msgspec

from orders.events.builtin import BUILT_IN
from orders.events.types import DeclaredType, Types
from roundtrips import Question, ask

_decode = msgspec.json.Decoder(list[DeclaredType]).decode


def types_of(programme_id: int) -> Types:
    """All types of a programme by key: its own, retired ones too, and those that Laurel brings along."""
    return ask(asking_types(programme_id))


def asking_types(programme_id: int) -> Question[Types]:
    """The question that `types_of` asks, for those who ask more at once."""
    return Question(
        ("orders_event_types(%s)",),
        (programme_id,),
        lambda row: BUILT_IN | {declared.key: declared for declared in _decode(row[0])},
    )
