"""The roles of the embedded PostgreSQL: one owns the tables and migrates, the other serves and owns nothing."""

import psycopg
from psycopg import sql

OWNER = "laurel_owner"
APP = "laurel_app"

# Data made before the roles were two belong to the superuser, who can't give away all he has by REASSIGN OWNED.
_GIVE_AWAY = """
DO $$
DECLARE change text;
BEGIN
  FOR change IN
    SELECT format('SCHEMA %s', oid::regnamespace) FROM pg_namespace WHERE nspname = 'pgmq' AND nspowner = {old}::regrole
    UNION ALL
    SELECT format('TABLE %s', class.oid::regclass) FROM pg_class class
     WHERE relnamespace = ANY ({schemas}) AND relowner = {old}::regrole AND relkind IN ('r', 'p', 'v', 'm', 'S')
       AND NOT EXISTS (SELECT FROM pg_depend
                        WHERE classid = 'pg_class'::regclass AND objid = class.oid AND deptype IN ('a', 'i'))
    UNION ALL
    SELECT format('TYPE %s', type.oid::regtype) FROM pg_type type LEFT JOIN pg_class class ON class.oid = type.typrelid
     WHERE typnamespace = ANY ({schemas}) AND typowner = {old}::regrole AND typelem = 0
       AND (typtype IN ('e', 'd', 'r') OR class.relkind = 'c')
    UNION ALL
    SELECT format('ROUTINE %s', oid::regprocedure) FROM pg_proc
     WHERE pronamespace = ANY ({schemas}) AND proowner = {old}::regrole
  LOOP
    EXECUTE 'ALTER ' || change || ' OWNER TO ' || {new};
  END LOOP;
END $$
"""
_SCHEMAS = "ARRAY(SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'pgmq'))"


def make_roles(superuser_uri: str) -> None:
    """
    Make both roles unless they are there, and give the owner the server's database with all that is in it.

    They have no password: who reaches the socket may be anybody anyway, as its folder is open to one user only.
    """
    with psycopg.connect(superuser_uri) as connection:
        # Two processes may get here at once.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('laurel roles'))")
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, APP):
            if role not in known:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if OWNER in known:
            return
        database, superuser = connection.info.dbname, connection.info.user
        connection.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(database), sql.Identifier(OWNER))
        )
        connection.execute(
            sql.SQL(_GIVE_AWAY).format(old=sql.Literal(superuser), new=sql.Literal(OWNER), schemas=sql.SQL(_SCHEMAS))
        )


def are_missing(error: psycopg.OperationalError) -> bool:
    """Whether a connection was refused because the data were made before there were roles."""
    return any(f'role "{role}" does not exist' in str(error) for role in (OWNER, APP))
