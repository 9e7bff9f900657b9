"""
Is every balance what the entries say? Checks over the whole books, each one query that returns the first differences.
"""

from collections.abc import Callable, Iterator

import msgspec
from django.db import connection


class Check(msgspec.Struct, frozen=True):
    """One promise of the books; `query` returns a row per difference, described by its first column."""

    name: str
    query: str


class Finding(msgspec.Struct, frozen=True):
    """A promise that does not hold, with an example."""

    check: str
    example: str


CHECKS = (
    Check(
        "entries of every posting sum to zero per unit",
        "SELECT format('posting %s sums to %s', posting_id, sum(amount)) FROM ledger_entry"
        " GROUP BY posting_id, unit_id HAVING sum(amount) <> 0",
    ),
    Check(
        "every posting has entries and every entry a posting and an account",
        "SELECT format('posting %s has no entry', posting.id) FROM ledger_posting posting"
        " WHERE NOT EXISTS (SELECT FROM ledger_entry entry WHERE entry.posting_id = posting.id)"
        " UNION ALL SELECT format('entry %s has no posting', entry.id) FROM ledger_entry entry"
        " LEFT JOIN ledger_posting posting ON posting.id = entry.posting_id WHERE posting.id IS NULL"
        " UNION ALL SELECT format('entry %s has no account', entry.id) FROM ledger_entry entry"
        " LEFT JOIN ledger_account account ON account.id = entry.account_id AND account.unit_id = entry.unit_id"
        " AND account.wallet_id IS NOT DISTINCT FROM entry.wallet_id WHERE account.id IS NULL",
    ),
    Check(
        "balances and entry counts are those of the entries",
        "SELECT format('account %s says %s in %s entries, entries say %s in %s',"
        "              account.id, account.balance, account.seq, coalesce(sums.amount, 0), coalesce(sums.entries, 0))"
        "  FROM ledger_account account LEFT JOIN (SELECT account_id, sum(amount) AS amount, count(*) AS entries,"
        "       max(seq) AS last FROM ledger_entry WHERE wallet_id IS NOT NULL GROUP BY account_id) sums"
        "    ON sums.account_id = account.id"
        " WHERE account.wallet_id IS NOT NULL AND (account.balance <> coalesce(sums.amount, 0)"
        "       OR account.seq <> coalesce(sums.entries, 0) OR account.seq <> coalesce(sums.last, 0))",
    ),
    Check(
        "each entry's balance follows from the one before",
        "SELECT format('entry %s says %s, expected %s', id, balance_after, before + amount) FROM ("
        "  SELECT id, amount, seq, balance_after, coalesce(lag(balance_after) OVER running, 0) AS before,"
        "         coalesce(lag(seq) OVER running, 0) AS seq_before FROM ledger_entry WHERE wallet_id IS NOT NULL"
        "  WINDOW running AS (PARTITION BY account_id ORDER BY seq)) chain"
        " WHERE balance_after <> before + amount OR seq <> seq_before + 1",
    ),
    Check(
        "balances are what is left in the lots",
        "SELECT format('account %s holds %s, its lots %s', account.id, account.balance, coalesce(lots.remaining, 0))"
        "  FROM ledger_account account LEFT JOIN (SELECT account_id, sum(remaining) AS remaining FROM ledger_lot"
        "       GROUP BY account_id) lots ON lots.account_id = account.id"
        " WHERE account.kind = 'MEMBER' AND account.balance <> coalesce(lots.remaining, 0)",
    ),
    Check(
        "lots are what was earned less what was used",
        "SELECT format('lot %s has %s of %s left, uses say %s',"
        "              lot.id, lot.remaining, lot.earned, lot.earned - coalesce(used.amount, 0))"
        "  FROM ledger_lot lot LEFT JOIN (SELECT lot_id, sum(amount) AS amount FROM ledger_lotuse GROUP BY lot_id) used"
        "    ON used.lot_id = lot.id WHERE lot.remaining <> lot.earned - coalesce(used.amount, 0)",
    ),
    Check(
        "what lots and accounts reserve is what open holds keep",
        "SELECT format('account %s reserves %s, its holds %s', account.id, account.held, coalesce(holds.amount, 0))"
        "  FROM ledger_account account LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM ledger_hold"
        "       WHERE state = 'HELD' GROUP BY account_id) holds ON holds.account_id = account.id"
        " WHERE account.held <> coalesce(holds.amount, 0)"
        " UNION ALL SELECT format('lot %s reserves %s, holds keep %s', lot.id, lot.reserved, coalesce(parts.amount, 0))"
        "  FROM ledger_lot lot LEFT JOIN (SELECT part.lot_id, sum(part.amount) AS amount FROM ledger_holdlot part"
        "       JOIN ledger_hold hold ON hold.id = part.hold_id AND hold.state = 'HELD' GROUP BY part.lot_id) parts"
        "    ON parts.lot_id = lot.id WHERE lot.reserved <> coalesce(parts.amount, 0)",
    ),
)


def verify(*, tell: Callable[[str], None]) -> Iterator[Finding]:
    """Run every check over the whole database, telling which; yield the findings."""
    for check in CHECKS:
        tell(check.name)
        with connection.cursor() as cursor:
            cursor.execute(f"{check.query} LIMIT 1")
            row = cursor.fetchone()
        if row:
            yield Finding(check.name, row[0])
