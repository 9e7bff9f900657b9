"""Our own system checks: what would make an installation unsafe, each in one sentence with the way out."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  # Django's own name for it
from django.db import connections
from django.http.request import validate_host

OLDEST_POSTGRESQL = 15
UNSHARED_CACHES = ("LocMemCache", "DummyCache", "FileBasedCache")
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
_TWO_ROLES = "Name a role that owns nothing in DATABASE_URL, and the owner in DATABASE_OWNER_URL, then run migrate."
# Who it is, whether superuser, how many tables it owns itself, and an owner of tables it could become.
_RIGHTS = """
select current_user::text, (select rolsuper from pg_roles where rolname = current_user),
       count(*) filter (where relowner = current_user::regrole),
       min(pg_get_userbyid(relowner)::text) filter (where pg_has_role(current_user, relowner, 'member'))
  from pg_class
 where relkind in ('r', 'p') and relnamespace in (select oid from pg_namespace where nspname in ('public', 'pgmq'))
"""
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


@register(Tags.security)
def secrets_are_strong_and_different(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for name in ("SECRET_KEY", "TOKEN_KEY"):
        value = getattr(settings, name)
        if len(value) < 50 or len(set(value)) < 12:
            hint = 'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
            found.append(Error(f"{name} can be guessed: it is short or repeats itself.", hint=hint, id="laurel.E001"))
    if settings.SECRET_KEY == settings.TOKEN_KEY:
        found.append(
            Error(
                "SECRET_KEY and TOKEN_KEY are the same.",
                hint="Give each its own value: who learns one must not be able to forge the other's codes.",
                id="laurel.E002",
            )
        )
    return found


@register(Tags.security)
def hosts_are_named(**_: Any) -> list[CheckMessage]:
    if settings.DEBUG or not any(host.startswith("*") or host == "." for host in settings.ALLOWED_HOSTS):
        return []
    hint = "Name the hosts. Otherwise links in mails can be made to point to somebody else's site."
    return [Error("ALLOWED_HOSTS allows every host.", hint=hint, id="laurel.E003")]


@register(Tags.security)
def own_address_is_allowed(**_: Any) -> list[CheckMessage]:
    host = urlsplit(settings.BASE_URL).hostname or ""
    if validate_host(host, settings.ALLOWED_HOSTS):
        return []
    hint = f"Add {host} to ALLOWED_HOSTS, or correct BASE_URL."
    return [Error(f"BASE_URL's host {host} is not among ALLOWED_HOSTS.", hint=hint, id="laurel.E004")]


@register(Tags.security)
def address_is_encrypted(**_: Any) -> list[CheckMessage]:
    address = urlsplit(settings.BASE_URL)
    if address.scheme == "https" or address.hostname in LOCAL_HOSTS:
        return []
    hint = "Serve https and set BASE_URL to it. Sign-ins would be readable on the way, and phones refuse the camera."
    return [Warning(f"BASE_URL {settings.BASE_URL} is not encrypted.", hint=hint, id="laurel.W005")]


@register(Tags.security)
def demo_and_debug_stay_at_home(**_: Any) -> list[CheckMessage]:
    host = urlsplit(settings.BASE_URL).hostname
    if host in LOCAL_HOSTS:
        return []
    found: list[CheckMessage] = []
    if settings.DEBUG:
        hint = "Unset DEBUG: error pages would show settings and code to everybody."
        found.append(Error(f"DEBUG is on and BASE_URL is the public {host}.", hint=hint, id="laurel.E006"))
    if settings.DEMO:
        hint = "Unset DEMO, except to show made-up data: everybody can read the mails and sign in as staff."
        found.append(Warning(f"DEMO is on and BASE_URL is {host}.", hint=hint, id="laurel.W007"))
    return found


@register(Tags.caches)
def throttles_are_shared(**_: Any) -> list[CheckMessage]:
    backend = settings.CACHES["default"]["BACKEND"]
    if not backend.endswith(UNSHARED_CACHES):
        return []
    hint = "Use the database or Redis. Each process would count requests and attempts for itself."
    return [Error(f"The default cache {backend} is not shared by all processes.", hint=hint, id="laurel.E008")]


@register(Tags.security, deploy=True)
def mail_leaves_the_house(**_: Any) -> list[CheckMessage]:
    if settings.DEMO or settings.DEBUG or not settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return []
    hint = "Set EMAIL_URL, for example smtp+tls://USER:PASSWORD@HOST:587. Without mail no customer can sign in."
    return [Error("No mail server is set.", hint=hint, id="laurel.E009")]


@register(Tags.database)
def database_keeps_what_it_acknowledged(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "select name, setting from pg_settings where name = any(%s)", [[*DURABLE, "server_version_num"]]
            )
            current = dict(cursor.fetchall())
        found += [*unsafe_durability(current), *too_old(current["server_version_num"])]
    return found


def unsafe_durability(current: Mapping[str, str]) -> list[CheckMessage]:
    """A test that kills the server can't see fsync=off, only a power cut does; so it is refused here."""
    return [
        Error(
            f"PostgreSQL's {name} is {current[name]!r}: points that were confirmed could be lost.",
            hint=f"Set {name} to 'on', in the server and for this database's role.",
            id="laurel.E010",
        )
        for name in DURABLE
        if current[name] == "off"
    ]


def too_old(version_number: str) -> list[CheckMessage]:
    version = int(version_number) // 10_000
    if version >= OLDEST_POSTGRESQL:
        return []
    hint = f"Upgrade it to {OLDEST_POSTGRESQL} or newer."
    return [Error(f"PostgreSQL {version} is too old.", hint=hint, id="laurel.E011")]


@register(Tags.database, deploy=True)
def damaged_data_are_noticed(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("select setting from pg_settings where name = 'data_checksums'")
            found += without_checksums(cursor.fetchone()[0])
    return found


def without_checksums(setting: str) -> list[CheckMessage]:
    """A disk that gives back other bytes than it was given would change balances in silence."""
    if setting == "on":
        return []
    hint = "Stop the server and run pg_checksums --enable on its data."
    return [Error("PostgreSQL keeps no checksums of its data.", hint=hint, id="laurel.E014")]


@register(Tags.database, deploy=True)
def database_role_is_bound_by_its_rules(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(_RIGHTS)
            role, is_superuser, owned, acts_for = cursor.fetchone()
        if is_superuser:
            hint = f"{_TWO_ROLES} A superuser can switch the ledger's guards off."
            found.append(Error(f"The database role {role} is a superuser.", hint=hint, id="laurel.E012"))
        elif owned or acts_for:
            what = f"owns {owned} tables" if owned else f"may act as {acts_for}, which owns tables"
            hint = f"{_TWO_ROLES} An owner can switch the ledger's guards off."
            found.append(Error(f"The database role {role} {what}.", hint=hint, id="laurel.E013"))
    return found
