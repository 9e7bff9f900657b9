"""What the role that serves may do in the database: all its work, and nothing against what was written."""

import json
import re
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction

from ledger import privileges
from ledger import services as ledger
from loyalty_site.privileges import LOCKED
from tests.ledger import books
from tests.ledger.books import DAY, NOON

HOUSE = Path(__file__).resolve().parents[2]
APPEND_ONLY = [
    *privileges.BOOKS,
    "campaigns_award",
    "ledger_purchaseterms",
    "campaigns_decision",
    "members_tiermilestone",
    "orders_delivery",
    "orders_event",
    "orders_order",
    "orders_return",
]
# {column} is the first of the table, {trigger} any name: rights are asked for before anything is looked up.
STATEMENTS = {
    "update": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table} CASCADE",
    "merge": "MERGE INTO {table} old USING {table} new ON old.{column} = new.{column} WHEN MATCHED THEN DELETE",
    "lock rows": "SELECT FROM {table} FOR UPDATE",
    "lock out": "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
    "switch triggers off": "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "pretend to be a replica": "SET session_replication_role = replica",
    "rewrite": "ALTER TABLE {table} ALTER COLUMN {column} TYPE text",
    "take": "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "drop": "DROP TABLE {table} CASCADE",
    "hook in": "CREATE TRIGGER own BEFORE INSERT ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
}
INSERT = "INSERT INTO {table} DEFAULT VALUES"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not settings.DATABASE_OWNER, reason="one role does everything here"),
]


@pytest.fixture
def as_app(db):
    """From here on this connection has the rights of the role that serves."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {settings.DATABASE_APP_ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def column_of(table: str) -> str:
    with connection.cursor() as cursor:
        return connection.introspection.get_table_description(cursor, table)[0].name


def refuses(statement: str, table: str) -> bool:
    """Whether the role lacks the right; what a trigger refuses does not count, as its owner could switch it off."""
    try:
        run(statement.format(table=table, column=column_of(table)))
    except DatabaseError as error:
        cause = error.__cause__
        said = (cause.diag.message_primary if isinstance(cause, psycopg.Error) else None) or ""
        return getattr(cause, "sqlstate", "") == "42501" and said.startswith(("permission denied", "must be owner"))
    return False


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_append_only_can_be_changed_in_none_of_a_dozen_ways(table, as_app):
    possible = [way for way, statement in STATEMENTS.items() if not refuses(statement, table)]

    # Rows can be locked only by who may change a column, which the trigger refuses (tests/orders/test_registering.py).
    assert possible == (["update", "lock rows"] if table in LOCKED else [])


@pytest.mark.parametrize("table", privileges.BOOKS)
def test_nothing_is_written_into_the_books_past_the_verbs(table, as_app):
    assert refuses(INSERT, table)


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "INSERT"])
def test_a_right_too_many_is_noticed(right, unit):
    run(f"GRANT {right} ON ledger_posting TO {settings.DATABASE_APP_ROLE}")
    run(f"SET LOCAL ROLE {settings.DATABASE_APP_ROLE}")

    noticed = [
        way for way, statement in {**STATEMENTS, "insert": INSERT}.items() if not refuses(statement, "ledger_posting")
    ]

    run("RESET ROLE")
    assert right.lower() in noticed


def test_every_table_guarded_as_append_only_is_tried():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only' AND tgtype & 24 = 24"
        )
        guarded = {table for (table,) in cursor.fetchall()}

    assert guarded <= set(APPEND_ONLY)


@pytest.mark.parametrize("table", privileges.OPENED)
def test_wallets_and_accounts_are_opened_and_never_changed(table, as_app):
    assert refuses("UPDATE {table} SET {column} = {column}", table)
    assert refuses("DELETE FROM {table}", table)


def test_an_account_is_born_empty_whoever_opens_it(unit, as_app):
    wallet = books.a_wallet(unit)

    with pytest.raises(IntegrityError, match="an account is born empty"):
        run(
            "INSERT INTO ledger_account (programme_id, wallet_id, unit_id, kind, balance, held, seq)"
            f" VALUES ({unit.programme_id}, {wallet.wallet_id}, {unit.pk}, 'ARREARS', -5, 0, 0)"
        )


def test_a_fact_in_the_outbox_is_handed_on_and_never_changed(as_app):
    assert refuses("UPDATE {table} SET payload = '{{}}'", "events_outboxevent")
    run("UPDATE events_outboxevent SET relayed_at = now()")


def test_what_migrations_were_applied_is_the_owners_to_say(as_app):
    assert refuses(INSERT, "django_migrations")
    assert refuses("DELETE FROM {table}", "django_migrations")


def test_all_verbs_work(unit, as_app):
    ada = books.a_wallet(unit, 300)
    earning = ada.earn(100, until=NOON + DAY)
    ada.spend(150)
    ada.capture(ada.hold(40), 30)
    ada.release(ada.hold(40))
    books.expire_all(NOON + DAY)
    at = NOON + 2 * DAY
    ada.reverse(ada.spend(20, at=at), at=at)
    ada.spend(ada.figures(at).spendable, at=at)

    taken_back = ada.claw_back(earning, 100, at=at)
    ada.earn(500, at=at)

    assert (taken_back.taken, taken_back.lapsed, taken_back.owed) == (0, 0, 100)
    assert ada.figures(at).spendable == 400


def test_every_function_of_the_books_that_is_called_from_outside_is_a_verb():
    sources = [path.read_text() for path in (HOUSE / "ledger").rglob("*.py")]
    called = {name for source in sources for name in re.findall(r"\b(ledger_[a-z_]+)\(", source)}

    assert called - set(privileges.FOR_TRIGGERS) == set(privileges.VERBS)


@pytest.mark.parametrize(
    "call",
    [
        "ledger_post(1, 1, 'ACCRUE', 's', 'r', NULL, 'a', now(), '{{}}', '{{}}')",
        "ledger_pick(1, 1, now())",
        "ledger_settle(1, now())",
        "ledger_lock(1, now())",
        "ledger_consume(1, 1, 1, '{{}}', '{{}}')",
        "ledger_account_of(1, 1, 1, 'MEMBER')",
    ],
)
def test_what_the_verbs_are_made_of_is_nobodys_to_call(call, as_app):
    assert refuses(f"SELECT {call}", "ledger_posting")


def test_a_table_of_ones_own_does_not_stand_in_for_the_books(unit, as_app):
    wallet = books.a_wallet(unit, 100)
    run("CREATE TEMP TABLE ledger_posting (LIKE public.ledger_posting INCLUDING ALL)")
    run("CREATE TEMP TABLE ledger_lot (LIKE public.ledger_lot INCLUDING ALL)")

    spent = wallet.spend(30)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_temp.ledger_posting")
        diverted = cursor.fetchone()[0]
        cursor.execute("SELECT kind FROM public.ledger_posting WHERE id = %s", [spent])
        kept = cursor.fetchone()
        cursor.execute("DROP TABLE pg_temp.ledger_posting, pg_temp.ledger_lot")
    assert (diverted, kept) == (0, ("BURN",))


def test_functions_with_the_owners_rights_are_the_owners_and_look_where_they_should():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, pg_get_userbyid(proowner), 'search_path=public, pg_temp' = ANY (proconfig)"
            "  FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
        found = {(str(name), str(owner), bool(safe)) for name, owner, safe in cursor.fetchall()}

    assert found == {(name, settings.DATABASE_OWNER["USER"], True) for name in privileges.VERBS}


def test_the_role_that_serves_owns_nothing_and_may_create_nothing(as_app):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)
    assert refuses("CREATE TABLE own_{table} (id int)", "ledger_posting")
    assert refuses("CREATE SCHEMA own_{table}", "ledger_posting")


def test_all_else_belongs_to_the_owner():
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname IN ('public', 'pgmq')")
        assert cursor.fetchall() == [(settings.DATABASE_OWNER["USER"],)]


def test_a_queue_is_the_owners_and_can_be_worked_with(as_app):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgmq.create('of_a_test')")
        cursor.execute("SELECT pgmq.send('of_a_test', '{\"n\": 1}')")
        cursor.execute("SELECT msg_id, message FROM pgmq.read('of_a_test', 30, 1)")
        (message_id, message) = cursor.fetchone()
        cursor.execute("SELECT total_messages FROM pgmq.metrics('of_a_test')")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT pgmq.delete('of_a_test', %s::bigint)", [message_id])
        cursor.execute("SELECT tableowner::text FROM pg_tables WHERE tablename = 'q_of_a_test'")
        owner = cursor.fetchone()

    assert json.loads(message) == {"n": 1}
    assert owner == (settings.DATABASE_OWNER["USER"],)


def test_an_earning_that_expires_is_swept_by_the_role_that_serves(unit, as_app):
    wallet = books.a_wallet(unit, 70, until=NOON + DAY)

    expired = ledger.expire_lapsed(at=NOON + DAY + timedelta(hours=1), accounts=10)

    assert (expired, wallet.figures(NOON + 2 * DAY).spendable) == (1, 0)
