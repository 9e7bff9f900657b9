"""Issuing, recognising and revoking API keys."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import Q
from psycopg.errors import InvalidAuthorizationSpecification

from integrations.errors import KeyInvalid
from integrations.models import LONGEST_LIFE, ApiKey, Scope
from roundtrips import Change
from shops.models import Programme, User

_SECRET_BYTES = 32
_SHOWN = 6
# A key in steady use is noted once in this time, so that reading it does not mean writing it.
NOTED_EVERY = timedelta(minutes=1)
REMEMBERED_FOR = timedelta(seconds=1)
_REMEMBERED_AT_MOST = 1024


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: what a request with a valid key may know about it."""

    key_id: int
    prefix: str
    programme: Programme
    scopes: frozenset[str]
    requests_per_minute: int
    issuer_id: int | None = None

    is_authenticated = True

    @property
    def actor(self) -> str:
        """How the books name the caller."""
        return f"key:{self.prefix}"

    def may(self, scope: Scope) -> bool:
        """Whether the key was given `scope`."""
        return scope.value in self.scopes


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a key is valid, and how often it may ask in a minute."""

    life: timedelta = LONGEST_LIFE
    requests_per_minute: int = 6000


@transaction.atomic
def issue_key(  # noqa: PLR0913 -- a key, who answers for it, and its terms
    *,
    programme: Programme,
    name: str,
    scopes: Iterable[Scope],
    by: str,
    at: datetime,
    terms: Terms = Terms(),
    issuer: User | None = None,
) -> tuple[ApiKey, str]:
    """
    Make a key; the returned text is shown to a person once and never stored. `issuer` is the person who answers for
    what it asks, if it is one.
    """
    mode = "live" if programme.mode == Programme.Mode.LIVE else "test"
    text = f"sk_{mode}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    key = ApiKey.objects.create(
        programme=programme,
        name=name,
        prefix=text[: len(f"sk_{mode}_") + _SHOWN],
        sha256=_sha256(text),
        scopes=sorted({scope.value for scope in scopes}),
        created_at=at,
        created_by=by,
        issuer=issuer,
        expires_at=at + min(terms.life, LONGEST_LIFE),
        requests_per_minute=terms.requests_per_minute,
    )
    return key, text


@transaction.atomic
def revoke_key(*, key: ApiKey, by: str, at: datetime) -> None:
    """Close the key; its next request is refused. Revoking twice keeps the first."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at, revoked_by=by)


# Asked before every request, so it is written by hand: the ORM takes five times as long to say the same.
_CALLER = """
SELECT key.id, key.prefix, key.scopes, key.requests_per_minute, key.last_used_at, key.expires_at, key.issuer_id,
       programme.id, programme.key, programme.name, programme.mode, programme.time_zone, programme.currency,
       programme.currency_decimals
  FROM integrations_apikey key JOIN shops_programme programme ON programme.id = key.programme_id
 WHERE key.sha256 = %s AND key.revoked_at IS NULL AND key.expires_at > %s
"""
_PROGRAMME = ("id", "key", "name", "mode", "time_zone", "currency", "currency_decimals")


def recognise(text: str, *, at: datetime) -> Caller:
    """
    Find out who comes with a key, and note that it was used.

    :raises KeyInvalid: if no valid key reads like this
    """
    return _read(_sha256(text), at).caller


@contextmanager
def refused_when_revoked() -> Iterator[None]:
    """Turn the refusal of `insisting_on` into ours; the statement wrote nothing."""
    try:
        yield
    except OperationalError as refusal:
        if isinstance(refusal.__cause__, InvalidAuthorizationSpecification):
            raise KeyInvalid from refusal
        raise


def insisting_on(caller: Caller) -> Change:
    """A change that undoes all others written with it if the key was revoked since its caller was recognised."""
    return Change("integrations_insist_on_key(%s)", (caller.key_id,))


class Callers:
    """
    Who came lately, in this process. A key in steady use is looked up once in `REMEMBERED_FOR`.

    Only for those who ask the database again when they write, by `insisting_on`: a revoked key does nothing more.
    """

    def __init__(self) -> None:
        self._lately: dict[bytes, _Found] = {}

    def recognise(self, text: str, *, at: datetime) -> Caller:
        """:raises KeyInvalid: if no valid key reads like this"""
        sha256 = _sha256(text)
        found = self._lately.get(sha256)
        if found is None or not found.read_at <= at < found.good_until:
            if len(self._lately) >= _REMEMBERED_AT_MOST:
                self._lately.clear()
            self._lately[sha256] = found = _read(sha256, at)
        return found.caller


@dataclass(frozen=True, slots=True)
class _Found:
    caller: Caller
    read_at: datetime
    good_until: datetime


def _read(sha256: bytes, at: datetime) -> _Found:
    with connection.cursor() as cursor:
        cursor.execute(_CALLER, [sha256, at])
        row = cursor.fetchone()
    if row is None:
        raise KeyInvalid
    key_id, prefix, scopes, requests_per_minute, last_used_at, expires_at, issuer_id, *programme = row
    if last_used_at is None or at - last_used_at >= NOTED_EVERY:
        _note_use(key_id, at)
    loaded = Programme.from_db(connection.alias, _PROGRAMME, programme)
    caller = Caller(key_id, prefix, loaded, frozenset(scopes), requests_per_minute, issuer_id)
    return _Found(caller, at, min(expires_at, at + REMEMBERED_FOR))


def _note_use(key_id: int, at: datetime) -> None:
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=at - NOTED_EVERY)
    ApiKey.objects.filter(unnoted, pk=key_id).update(last_used_at=at)


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
