"""Seal the books of closed days, so that a change behind the guards' back shows."""

from datetime import datetime
from enum import StrEnum

from django.db import connection, transaction

from events.outbox import Fact, record
from ledger.models import Seal

# What one seal takes at most: hashing as much is a minute's work.
POSTINGS = 1_000_000


class SealStep(StrEnum):
    """How far `seal_next` got; after `ANNOUNCED` and `SEALED` there may be more to do at once."""

    NOTHING = "nothing"
    ANNOUNCED = "announced"
    WAITING = "waiting"
    SEALED = "sealed"


def seal_next(*, at: datetime, postings: int = POSTINGS) -> SealStep:
    """
    Go one step on in sealing what was posted before the last midnight (UTC) that is 15 minutes ago.

    A stretch of postings is announced, after which none can be put into it; then those are waited for who were posting
    at that moment and may not know of it; then it is sealed, for each programme with a seal of its own and a fact
    (`ledger.sealed`). Safe late, twice, and in two workers. Not to be called in a transaction: each step has to be
    seen by others before the next.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM ledger_seal_step(%s, %s)", [at, postings])
            sealing_id, state = cursor.fetchone()
        if state == SealStep.SEALED:
            seals = Seal.objects.filter(sealing_id=sealing_id).select_related("sealing").order_by("programme_id")
            record(_fact(seal, at) for seal in seals)
    return SealStep(state)


def _fact(seal: Seal, at: datetime) -> Fact:
    payload = {
        "number": seal.number,
        "hash": bytes(seal.hash).hex(),
        "previous": bytes(seal.previous).hex(),
        "rows": seal.rows,
        "last_posting": seal.sealing.until,
    }
    return Fact(programme_id=seal.programme_id, type="ledger.sealed", payload=payload, occurred_at=at)
