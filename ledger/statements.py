"""Account statements: what a wallet had of a unit, what moved, and what it had then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from ledger.models import Posting, Unit


@dataclass(frozen=True, slots=True)
class Movement:
    """What one posting changed: a signed amount, and the balance behind it."""

    posting_id: int
    kind: str
    happened_at: datetime
    amount: int
    balance: int

    @property
    def title(self) -> str:
        """The kind in words of the reader's language."""
        return str(Posting.Kind(self.kind).label)


@dataclass(frozen=True, slots=True)
class Statement:
    """
    One unit of a wallet in `[since, until)`, in minor units, by when things happened.

    Balances are what the wallet has less what it owes, so offsetting arrears moves nothing. `came_in` and `went_out`
    are positive sums; `opening + came_in - went_out = closing`.
    """

    unit: Unit
    since: datetime
    until: datetime
    opening: int
    movements: tuple[Movement, ...]

    @property
    def closing(self) -> int:
        return self.movements[-1].balance if self.movements else self.opening

    @property
    def came_in(self) -> int:
        return sum(movement.amount for movement in self.movements if movement.amount > 0)

    @property
    def went_out(self) -> int:
        return -sum(movement.amount for movement in self.movements if movement.amount < 0)


_OPENING = """
SELECT coalesce(sum(entry.amount), 0)
  FROM ledger_account account
  JOIN ledger_entry entry ON entry.account_id = account.id AND entry.seq IS NOT NULL
  JOIN ledger_posting posting ON posting.id = entry.posting_id
 WHERE account.wallet_id = %(wallet)s AND account.unit_id = %(unit)s AND posting.occurred_at < %(since)s
"""
_MOVEMENTS = """
SELECT posting.id, posting.kind, posting.occurred_at, sum(entry.amount)
  FROM ledger_account account
  JOIN ledger_entry entry ON entry.account_id = account.id AND entry.seq IS NOT NULL
  JOIN ledger_posting posting ON posting.id = entry.posting_id
 WHERE account.wallet_id = %(wallet)s AND account.unit_id = %(unit)s
   AND posting.occurred_at >= %(since)s AND posting.occurred_at < %(until)s
 GROUP BY posting.id HAVING sum(entry.amount) <> 0
 ORDER BY posting.occurred_at, min(entry.id)
"""


def statement_of(wallet_id: int, *, unit: Unit, since: datetime, until: datetime) -> Statement:
    """
    The statement of one unit of a wallet, from the books as they are now.

    What is reported late belongs to when it happened, so a statement of a past period may change.
    """
    period: dict[str, Any] = {"wallet": wallet_id, "unit": unit.pk, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_OPENING, period)
        opening = balance = int(cursor.fetchone()[0])
        cursor.execute(_MOVEMENTS, period)
        movements = []
        for posting_id, kind, happened_at, amount in cursor.fetchall():
            balance += int(amount)
            movements.append(Movement(posting_id, kind, happened_at, int(amount), balance))
    return Statement(unit, since, until, opening, tuple(movements))
