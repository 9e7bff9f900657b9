"""Whom a condition holds for, as one statement."""

from collections.abc import Sequence
from datetime import datetime

from conditions.sql import condition_of_all, condition_of_one
from conditions.tree import Node
from conditions.vocabulary import Expression

_COLUMNS = "SELECT member.id, member.number"
_ASKED = "(SELECT %s::timestamptz AS at, %s::text AS zone) asked CROSS JOIN members_member member"


def members_found(
    node: Node, *, programme_id: int, at: datetime, zone: str, among: Sequence[int] | None = None
) -> Expression:
    """
    A query for `id` and `number` of the members of a programme for whom `node` holds at `at`, by the clock of `zone`.

    Of few, named by `among`, each is looked at by itself; of all of them, what happened before is read once.
    """
    if among is None:
        joined = condition_of_all(node, programme_id=programme_id)
        joins, condition = joined.joins, joined.condition
    else:
        of_one = condition_of_one(node)
        joins = Expression("")
        condition = Expression(f"member.id = ANY(%s::bigint[]) AND {of_one.text}", (list(among), *of_one.parameters))
    source = f"FROM {_ASKED} {joins.text} WHERE member.programme_id = %s AND {condition.text}"
    parameters = (at, zone, *joins.parameters, programme_id, *condition.parameters)
    return Expression(f"{_COLUMNS} {source}", parameters)
