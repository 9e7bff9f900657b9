"""Issuing, recognising and revoking API keys."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from integrations.errors import KeyInvalid
from integrations.models import LONGEST_LIFE, ApiKey, Scope
from shops.models import Programme

_SECRET_BYTES = 32
_SHOWN = 6
# A key in steady use is noted once in this time, so that reading it does not mean writing it.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: what a request with a valid key may know about it."""

    key_id: int
    prefix: str
    programme: Programme
    scopes: frozenset[str]
    requests_per_minute: int

    is_authenticated = True

    @property
    def actor(self) -> str:
        """How the books name the caller."""
        return f"key:{self.prefix}"

    def may(self, scope: Scope) -> bool:
        """Whether the key was given `scope`."""
        return scope.value in self.scopes


@transaction.atomic
def issue_key(
    *,
    programme: Programme,
    name: str,
    scopes: Iterable[Scope],
    by: str,
    at: datetime,
    life: timedelta = LONGEST_LIFE,
    requests_per_minute: int | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; the returned text is shown to a person once and never stored."""
    mode = "live" if programme.mode == Programme.Mode.LIVE else "test"
    text = f"sk_{mode}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    limit = {} if requests_per_minute is None else {"requests_per_minute": requests_per_minute}
    key = ApiKey.objects.create(
        programme=programme,
        name=name,
        prefix=text[: len(f"sk_{mode}_") + _SHOWN],
        sha256=_sha256(text),
        scopes=sorted({scope.value for scope in scopes}),
        created_at=at,
        created_by=by,
        expires_at=at + min(life, LONGEST_LIFE),
        **limit,
    )
    return key, text


@transaction.atomic
def revoke_key(*, key: ApiKey, by: str, at: datetime) -> None:
    """Close the key; its next request is refused. Revoking twice keeps the first."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at, revoked_by=by)


def recognise(text: str, *, at: datetime) -> Caller:
    """
    Find out who comes with a key, and note that it was used.

    :raises KeyInvalid: if no valid key reads like this
    """
    key = ApiKey.objects.select_related("programme").filter(sha256=_sha256(text)).first()
    if key is None or not key.is_valid(at=at):
        raise KeyInvalid
    if key.last_used_at is None or at - key.last_used_at >= NOTED_EVERY:
        _note_use(key, at)
    return Caller(key.pk, key.prefix, key.programme, frozenset(key.scopes), key.requests_per_minute)


def _note_use(key: ApiKey, at: datetime) -> None:
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=at - NOTED_EVERY)
    ApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=at)


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
