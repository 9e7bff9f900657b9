"""
The language's second compiler: for which members a condition holds, said in SQL.

Words are computed over the rows `member` and `asked` (`at`, `zone`). What is not there (NULL) is compared as
`conditions.operators` does. Values are parameters, never text of the statement.
"""

import msgspec

from conditions.operators import Op, plain
from conditions.past import Measure, Reach, Window
from conditions.tree import Aggregate, Group, History, Node, Test
from conditions.vocabulary import Expression, FieldType

_LOCAL = "(asked.at AT TIME ZONE asked.zone)"
_COMPARISONS = {
    Op.EQ: "({} = {}) IS TRUE",
    Op.NE: "({} = {}) IS NOT TRUE",
    Op.GT: "({} > {}) IS TRUE",
    Op.GTE: "({} >= {}) IS TRUE",
    Op.LT: "({} < {}) IS TRUE",
    Op.LTE: "({} <= {}) IS TRUE",
    Op.IN: "({} = ANY({}[])) IS TRUE",
    Op.NOT_IN: "({} = ANY({}[])) IS NOT TRUE",
    Op.HAS_ANY: "({} && {}[]) IS TRUE",
    Op.HAS_ALL: "({} @> {}[]) IS TRUE",
    Op.HAS_NONE: "({} && {}[]) IS NOT TRUE",
}
# A whole number of JSON may be longer than any column is wide.
_PARAMETERS = dict.fromkeys(FieldType, "%s::text") | {
    FieldType.MONEY: "%s::numeric",
    FieldType.NUMBER: "%s::numeric",
    FieldType.QUANTITY: "%s::numeric",
    FieldType.FLAG: "%s::boolean",
}
# Days and times are compared as they are written, in the order of their letters.
_AS_WRITTEN = frozenset({FieldType.DATE, FieldType.TIME})
_EVERYTHING = Expression("TRUE")


class Joined(msgspec.Struct, frozen=True):
    """A condition about all members at once, and the joins to `member` that bring in what it compares."""

    joins: Expression
    condition: Expression


def condition_of_one(node: Node) -> Expression:
    """Whether it holds for the row `member`: of few, each looked at by itself."""
    return _Compiler(programme_id=None).condition(node)


def condition_of_all(node: Node, *, programme_id: int) -> Joined:
    """Whether it holds for members of a programme: what happened before is read once for all of them."""
    compiler = _Compiler(programme_id)
    condition = compiler.condition(node)
    return Joined(_together(" ", compiler.joins, nothing=Expression("")), condition)


def value_of(aggregate: Aggregate) -> Expression:
    """A number about what happened to the row `member` before `asked.at`, by the clock of `asked.zone`."""
    past = aggregate.past
    measured, known = _measured(aggregate), _known(aggregate)
    of_one = f"{past.rows} WHERE {past.member} = member.id AND {known.text}"
    text = f"(SELECT {_finished(aggregate, measured.text)} FROM {of_one})"  # noqa: S608  # values are parameters
    return Expression(text, measured.parameters + known.parameters)


class _Compiler:
    """Turns nodes into SQL; what is read once for all members becomes a join."""

    def __init__(self, programme_id: int | None) -> None:
        self.programme_id = programme_id
        self.joins: list[Expression] = []

    def condition(self, node: Node) -> Expression:
        if isinstance(node, Group):
            return self._group(node)
        if isinstance(node, Test):
            if node.field.sql is None:
                raise AssertionError(f"{node.field.name} is not said in SQL")
            return _compared(node.field.sql, node.field.type, node.op, node.value)
        if isinstance(node, History):
            return _compared(self._value(node.aggregate), node.aggregate.type, node.op, node.value)
        raise AssertionError("members are not among many")

    def _group(self, node: Group) -> Expression:
        parts = [self.condition(part) for part in node.parts]
        joined = _together(" AND " if node.joint == "all" else " OR ", parts, nothing=_EVERYTHING)
        return Expression(f"{'NOT ' if node.joint == 'none' else ''}({joined.text})", joined.parameters)

    def _value(self, aggregate: Aggregate) -> Expression:
        if self.programme_id is None:
            return value_of(aggregate)
        alias = f"past{len(self.joins)}"
        self.joins.append(_join(aggregate, alias, self.programme_id))
        return Expression(_finished(aggregate, f"{alias}.value"))


def _join(aggregate: Aggregate, alias: str, programme_id: int) -> Expression:
    past = aggregate.past
    measured, known = _measured(aggregate), _known(aggregate)
    columns = f"{past.member} AS member_id, {measured.text} AS value"
    counted = f"{past.programme} = %s AND {past.member} IS NOT NULL AND {known.text}"
    grouped = f"{columns} FROM {past.rows} WHERE {counted} GROUP BY {past.member}"
    text = f"LEFT JOIN LATERAL (SELECT {grouped}) {alias} ON {alias}.member_id = member.id"
    return Expression(text, (*measured.parameters, programme_id, *known.parameters))


def _measured(aggregate: Aggregate) -> Expression:
    past, measure = aggregate.past, aggregate.measure
    if measure is Measure.COUNT:
        return Expression("count(*)")
    if measure is Measure.LAST:
        return Expression(f"max({past.at})")
    if measure is Measure.DISTINCT_DAYS:
        return Expression(f"count(DISTINCT ({past.at} AT TIME ZONE asked.zone)::date)")
    if aggregate.field is None or aggregate.field.sql is None:
        raise AssertionError(f"{measure} of what the database does not know")
    text, parameters = aggregate.field.sql.text, aggregate.field.sql.parameters
    if measure is Measure.SUM:
        return Expression(f"sum({text})", parameters)
    total, count = f"sum({text})", f"nullif(count({text}), 0)"
    # Rounded down exactly: a quotient with decimals might be rounded up first.
    whole = f"div({total} - mod(mod({total}, {count}) + {count}, {count}), {count})"
    return Expression(whole, parameters * whole.count(f"({text})"))


def _finished(aggregate: Aggregate, measured: str) -> str:
    if aggregate.measure is Measure.LAST:
        return f"({_LOCAL}::date - ({measured} AT TIME ZONE asked.zone)::date)"
    return measured if aggregate.measure is Measure.AVERAGE else f"coalesce({measured}, 0)"


def _known(aggregate: Aggregate) -> Expression:
    """What counts: before the moment, in the window, as asked."""
    past = aggregate.past
    parts = [
        Expression(f"{past.counted} AND {past.at} < asked.at"),
        *_in_window(aggregate.window, past.at),
        _Compiler(programme_id=None).condition(aggregate.where),
    ]
    return _together(" AND ", parts, nothing=_EVERYTHING)


def _in_window(window: Window, at: str) -> list[Expression]:
    if window.reach is Reach.EVER:
        return []
    if window.reach is Reach.LAST:
        span = f"{window.count} {window.unit}"
        return [Expression(f"{at} >= ({_LOCAL} - %s::interval) AT TIME ZONE asked.zone", (span,))]
    begin = f"date_trunc(%s, {_LOCAL})"
    if window.reach is Reach.CURRENT:
        return [Expression(f"{at} >= {begin} AT TIME ZONE asked.zone", (window.unit,))]
    # The database has no interval of a quarter.
    span = "3 month" if window.unit == "quarter" else f"1 {window.unit}"
    return [
        Expression(f"{at} >= ({begin} - %s::interval) AT TIME ZONE asked.zone", (window.unit, span)),
        Expression(f"{at} < {begin} AT TIME ZONE asked.zone", (window.unit,)),
    ]


def _compared(value: Expression, kind: FieldType, op: Op, wanted: object) -> Expression:
    observed = f'({value.text}) COLLATE "C"' if kind in _AS_WRITTEN else f"({value.text})"
    return Expression(_COMPARISONS[op].format(observed, _PARAMETERS[kind]), (*value.parameters, plain(wanted)))


def _together(between: str, parts: list[Expression], *, nothing: Expression) -> Expression:
    if not parts:
        return nothing
    return Expression(
        between.join(part.text for part in parts), tuple(value for part in parts for value in part.parameters)
    )
