"""
What the role that serves may do in the database. Granted anew behind every `migrate`, by the owner of the tables.

It reads and writes rows, with what is append-only by a trigger append-only by privilege too: a trigger can be switched
off by an owner, and this role owns nothing. In the books it calls verbs (`ledger.privileges`).
"""

from collections.abc import Iterator
from typing import Any

from psycopg import sql
from psycopg.sql import Composed, Identifier

from ledger import privileges as ledger

QUEUE_SCHEMA = "pgmq"
# Append-only, and locked while their returns are counted: a lock needs the right to change one column, which the
# trigger refuses all the same.
LOCKED = ("orders_order",)

# Tables with a trigger that refuses what is not appended; the bits are PostgreSQL's own (`pg_trigger.h`).
_GUARDED = """
SELECT guard.tgrelid::regclass::text,
       bool_or(guard.tgtype & 16 > 0 AND guard.tgattr = ''), bool_or(guard.tgtype & 8 > 0)
  FROM pg_trigger guard JOIN pg_proc function ON function.oid = guard.tgfoid
 WHERE function.proname LIKE '%\\_append\\_only' AND guard.tgtype & 1 > 0
 GROUP BY guard.tgrelid
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
_FUNCTIONS = """
SELECT proname, oid::regprocedure::text FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'ledger\\_%' AND prorettype <> 'trigger'::regtype
"""
_QUEUES_ARE_OURS = "SELECT 1 FROM pg_namespace WHERE nspname = %s AND nspowner = current_user::regrole"


def grant(cursor: Any, *, app: str) -> None:
    """Give the role `app` what it needs and take the rest; the cursor is the owner's, in a transaction."""
    for statement in _statements(cursor, sql.Identifier(app)):
        cursor.execute(statement)


def _statements(cursor: Any, app: Identifier) -> Iterator[Composed]:
    yield _say("GRANT USAGE ON SCHEMA public TO {app}", app=app)
    yield _say("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}", app=app)
    yield _say("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}", app=app)
    cursor.execute(_TABLES)
    tables = {name for (name,) in cursor.fetchall()}
    yield from _restrictions(cursor, tables, app)
    yield from _verbs(cursor, app)
    cursor.execute(_QUEUES_ARE_OURS, [QUEUE_SCHEMA])
    if cursor.fetchone():
        yield from _queues(app)


def _restrictions(cursor: Any, tables: set[str], app: Identifier) -> Iterator[Composed]:
    cursor.execute(_GUARDED)
    for table, never_updated, never_deleted in cursor.fetchall():
        lost = [act for act, never in (("UPDATE", never_updated), ("DELETE", never_deleted)) if never]
        if lost:
            yield _revoke(", ".join(lost), table, app)
    lists: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("INSERT, UPDATE, DELETE", ("django_migrations", *ledger.BOOKS)),
        ("UPDATE, DELETE", ledger.OPENED),
        ("DELETE", ledger.CONFIGURED),
    )
    for lost_by_all, names in lists:
        for table in tables.intersection(names):
            yield _revoke(lost_by_all, table, app)
    for table in tables.intersection(LOCKED):
        yield _say("GRANT UPDATE (id) ON {table} TO {app}", table=sql.Identifier(table), app=app)
    if "events_outboxevent" in tables:
        yield _revoke("UPDATE", "events_outboxevent", app)
        yield _say("GRANT UPDATE (relayed_at) ON events_outboxevent TO {app}", app=app)


def _verbs(cursor: Any, app: Identifier) -> Iterator[Composed]:
    cursor.execute(_FUNCTIONS)
    for name, signature in cursor.fetchall():
        if name in ledger.FOR_TRIGGERS:
            continue
        function = sql.SQL(signature)
        yield _say("REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC", function=function)
        if name in ledger.VERBS:
            # Temporary objects last: nobody can put one of his own in front of the tables meant.
            yield _say(
                "ALTER FUNCTION {function} SECURITY DEFINER SET search_path = public, pg_temp", function=function
            )
            yield _say("GRANT EXECUTE ON FUNCTION {function} TO {app}", function=function, app=app)


def _queues(app: Identifier) -> Iterator[Composed]:
    """Celery asks for its queues whenever it starts: the function that makes them makes them the owner's."""
    yield _say("GRANT USAGE ON SCHEMA pgmq TO {app}", app=app)
    yield _say("GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA pgmq TO {app}", app=app)
    yield _say("GRANT SELECT ON ALL SEQUENCES IN SCHEMA pgmq TO {app}", app=app)
    later = "ALTER DEFAULT PRIVILEGES IN SCHEMA pgmq GRANT {rights} TO {app}"
    for rights in ("SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES", "SELECT ON SEQUENCES"):
        yield _say(later, rights=sql.SQL(rights), app=app)
    yield _say('ALTER FUNCTION pgmq."create"(text) SECURITY DEFINER SET search_path = pgmq, pg_temp')


def _revoke(acts: str, table: str, app: Identifier) -> Composed:
    return _say(f"REVOKE {acts} ON {{table}} FROM {{app}}", table=sql.Identifier(table), app=app)


def _say(text: Any, **parts: sql.Composable) -> Composed:
    return sql.SQL(text).format(**parts)
