"""What wallets earned, whether or not it was spent since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

# What was taken back counts when it had been earned, so that a return leaves the window of its sale; all of it, even
# what had expired by then. Spending, expiry and transfers are no earnings; what a shop adds or takes by hand is.
_EARNED = """
SELECT coalesce(found.amount, 0)
  FROM unnest(%(wallets)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
       WITH ORDINALITY AS asked (wallet_id, begins, ends, place)
  LEFT JOIN LATERAL (
       SELECT sum(entry.amount - coalesce(back.amount, 0)) AS amount
         FROM ledger_account account
         JOIN ledger_entry entry ON entry.account_id = account.id AND entry.seq IS NOT NULL
         JOIN ledger_posting posting ON posting.id = entry.posting_id AND posting.kind IN ('ACCRUE', 'ADJUST')
         LEFT JOIN LATERAL (
              SELECT sum(undone.amount) AS amount
                FROM ledger_posting correction
                JOIN ledger_entry undone ON undone.posting_id = correction.id
                JOIN ledger_account issuance ON issuance.id = undone.account_id AND issuance.kind = 'ISSUANCE'
               WHERE correction.corrects_id = posting.id AND correction.kind = 'CLAW_BACK') back ON true
        WHERE account.wallet_id = asked.wallet_id AND account.unit_id = %(unit)s AND account.kind = 'MEMBER'
          AND (asked.begins IS NULL OR posting.occurred_at >= asked.begins)
          AND (asked.ends IS NULL OR posting.occurred_at < asked.ends)) found ON true
 ORDER BY asked.place
"""


def earned_between(unit_id: int, asked: Sequence[tuple[int, datetime | None, datetime | None]]) -> list[int]:
    """
    What was earned of a unit, for each of some wallets from a start up to, without, an end (None: no limit); in the
    order of the questions, in minor units, less what returns took back.
    """
    values: dict[str, Any] = {
        "unit": unit_id,
        "wallets": [wallet_id for wallet_id, _, _ in asked],
        "starts": [start for _, start, _ in asked],
        "ends": [end for _, _, end in asked],
    }
    with connection.cursor() as cursor:
        cursor.execute(_EARNED, values)
        return [int(amount) for (amount,) in cursor.fetchall()]
