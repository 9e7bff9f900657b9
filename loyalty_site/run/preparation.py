"""What has to be true before the processes start: a database that answers, tables, static files, demo data."""

import errno
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection

from loyalty_site import embedded
from loyalty_site.migration_state import unapplied_migrations
from loyalty_site.run.refusal import Refusal

Say = Callable[[str], None]


def prepare(say: Say) -> str:
    """
    Bring database, tables, static files and demo data up to date; quick when they are. Return the demo's sign-ins.

    :raises Refusal: in one sentence, whatever the reason
    """
    try:
        _reach_database(say)
        _migrate(say)
        _check()
        _collect_static_files(say)
        return _demo(say) if settings.DEMO else ""
    except embedded.EmbeddedError as error:
        raise Refusal(str(error)) from None
    except DatabaseError as error:
        raise Refusal(_explain(error)) from None
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT}:
            raise
        raise Refusal(f"Can't write {error.filename or settings.DATA_DIR}: {error.strerror}.") from None


def _reach_database(say: Say) -> None:
    if settings.EMBEDDED_DATABASE and embedded.start(settings.DATA_DIR):
        say(f"PostgreSQL started, its data is in {settings.DATA_DIR / 'postgres'}")
    connection.ensure_connection()


def _migrate(say: Say) -> None:
    missing = len(unapplied_migrations())
    if missing:
        say(f"Bringing the database up to date (migrations to apply: {missing})")
        call_command("migrate", interactive=False, verbosity=0)


def _check() -> None:
    try:
        call_command("check", databases=["default"], stdout=io.StringIO())
    except SystemCheckError as error:
        raise Refusal(str(error)) from None


def _collect_static_files(say: Say) -> None:
    stamp, current = settings.STATIC_ROOT / ".collected", _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="ascii") == current:
        return
    say("Collecting static files")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(current, encoding="ascii")


def _fingerprint() -> str:
    """Changes when our own static files or the packages that bring others do."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    digest.update((settings.BASE_DIR / "requirements.txt").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for file in sorted(Path(folder).rglob("*")):
            digest.update(f"{file}:{file.stat().st_size}:{file.stat().st_mtime_ns}".encode())
    return digest.hexdigest()


def _demo(say: Say) -> str:
    say("Making sure the demo's data is there")
    sign_ins = io.StringIO()
    call_command("demo", stdout=sign_ins)
    return sign_ins.getvalue().strip()


def _explain(error: DatabaseError) -> str:
    reason = " ".join(str(error).split())
    if isinstance(error.__cause__, psycopg.errors.DiskFull):
        return "The database's disk is full: make room and start again."
    if settings.EMBEDDED_DATABASE:
        return f"The database refused: {reason}"
    name, host = settings.DATABASES["default"]["NAME"], settings.DATABASES["default"].get("HOST") or "the local socket"
    known_reasons = {
        "authentication failed": "its user or password is wrong",
        "no password supplied": "it has no password, and the server wants one",
        f'database "{name}" does not exist': f"the server has no database {name}: create it first (createdb {name})",
        "role": f"its user is not known to the server: {reason}",
        "permission denied": f"its user may not create tables; name one who may in DATABASE_OWNER_URL: {reason}",
        "resolve host": f"there is no host named {host}",
        "Name or service not known": f"there is no host named {host}",
        "Connection refused": f"nothing answers at {host}: is the server running?",
        "No such file or directory": f"nothing answers at {host}: is the server running?",
        "timeout expired": f"{host} does not answer",
    }
    explained = next((why for sign, why in known_reasons.items() if sign in reason), reason)
    return f"DATABASE_URL can't be used: {explained}."
