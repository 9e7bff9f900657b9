"""What is known about members at a moment, as conditions ask for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from conditions.vocabulary import Expression
from roundtrips import Question

_ASKED = "FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) WITH ORDINALITY AS asked (member_id, at, zone, no)"
_decode = msgspec.json.Decoder(list[list[Any]]).decode


class Asked(msgspec.Struct, frozen=True):
    """A member (0: nobody), the moment, and the time zone of the clock that it is read on."""

    member_id: int
    at: datetime
    zone: str


def known_of(asked: Sequence[Asked], expressions: Sequence[Expression]) -> Question[list[list[Any]]]:
    """The values of `expressions`, over the rows `member` and `asked`, for each that is asked about, in order."""
    values = ", ".join(f"({expression.text})" for expression in expressions)
    rows = f"coalesce(json_agg(json_build_array({values}) ORDER BY asked.no), '[]')::text"
    column = f"(SELECT {rows} {_ASKED} LEFT JOIN members_member member ON member.id = asked.member_id)"
    parameters = tuple(value for expression in expressions for value in expression.parameters)
    about = ([row.member_id for row in asked], [row.at for row in asked], [row.zone for row in asked])
    return Question((column,), (*parameters, *about), lambda row: _decode(row[0]))
