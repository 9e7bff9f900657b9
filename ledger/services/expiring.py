"""Lapsed lots become breakage."""

from datetime import datetime

from django.db import connection


def expire_lapsed(*, at: datetime, accounts: int = 1000, actor: str = "expiry", programme_id: int | None = None) -> int:
    """
    Post the expiry of lots that lapsed by `at`, for at most `accounts` accounts (of one programme, if it is named);
    return how many lots.

    Points are worthless from the second they lapse whether or not this has run. Safe late, twice and in two workers
    at once: accounts in use are left for the next call, so call it until it returns 0.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_expire(%s, %s, %s, %s)", [at, accounts, actor, programme_id])
        (expired,) = cursor.fetchone()
    return int(expired)
