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
        """
        SELECT format('posting %s sums to %s', posting_id, sum(amount)) FROM ledger_entry
         GROUP BY posting_id, unit_id HAVING sum(amount) <> 0
        """,
    ),
    Check(
        "every posting has entries and every entry a posting and an account",
        """
        SELECT format('posting %s has no entry', posting.id) FROM ledger_posting posting
         WHERE NOT EXISTS (SELECT FROM ledger_entry entry WHERE entry.posting_id = posting.id)
        UNION ALL
        SELECT format('entry %s has no posting', entry.id) FROM ledger_entry entry
          LEFT JOIN ledger_posting posting
            ON posting.id = entry.posting_id AND posting.programme_id = entry.programme_id
         WHERE posting.id IS NULL
        UNION ALL
        SELECT format('entry %s has no account', entry.id) FROM ledger_entry entry
          LEFT JOIN ledger_account account ON account.id = entry.account_id AND account.unit_id = entry.unit_id
           AND account.programme_id = entry.programme_id AND account.wallet_id IS NOT DISTINCT FROM entry.wallet_id
         WHERE account.id IS NULL
        """,
    ),
    Check(
        "every correction names a posting of its programme",
        """
        SELECT format('posting %s corrects %s, which is not there', correction.id, correction.corrects_id)
          FROM ledger_posting correction LEFT JOIN ledger_posting origin
            ON origin.id = correction.corrects_id AND origin.programme_id = correction.programme_id
           AND origin.kind = CASE correction.kind WHEN 'REVERSE' THEN 'BURN' ELSE 'ACCRUE' END
         WHERE correction.corrects_id IS NOT NULL AND origin.id IS NULL
        """,
    ),
    Check(
        "balances and entry counts are those of the entries",
        """
        SELECT format('account %s says %s in %s entries, entries say %s in %s',
                      account.id, account.balance, account.seq, coalesce(sums.amount, 0), coalesce(sums.entries, 0))
          FROM ledger_account account
          LEFT JOIN (SELECT account_id, sum(amount) AS amount, count(*) AS entries, max(seq) AS last FROM ledger_entry
                      WHERE wallet_id IS NOT NULL GROUP BY account_id) sums ON sums.account_id = account.id
         WHERE account.wallet_id IS NOT NULL AND (account.balance <> coalesce(sums.amount, 0)
               OR account.seq <> coalesce(sums.entries, 0) OR account.seq <> coalesce(sums.last, 0))
        """,
    ),
    Check(
        "each entry's balance follows from the one before",
        """
        SELECT format('entry %s says %s, expected %s', id, balance_after, before + amount) FROM (
               SELECT id, amount, seq, balance_after, coalesce(lag(balance_after) OVER running, 0) AS before,
                      coalesce(lag(seq) OVER running, 0) AS seq_before FROM ledger_entry WHERE wallet_id IS NOT NULL
               WINDOW running AS (PARTITION BY account_id ORDER BY seq)) chain
         WHERE balance_after IS DISTINCT FROM before + amount OR seq IS DISTINCT FROM seq_before + 1
        """,
    ),
    Check(
        "balances are what is left in the lots",
        """
        SELECT format('account %s holds %s, its lots %s', account.id, account.balance, coalesce(lots.remaining, 0))
          FROM ledger_account account
          LEFT JOIN (SELECT account_id, wallet_id, sum(remaining) AS remaining FROM ledger_lot
                      GROUP BY account_id, wallet_id) lots
            ON lots.account_id = account.id AND lots.wallet_id = account.wallet_id
         WHERE account.kind = 'MEMBER' AND account.balance <> coalesce(lots.remaining, 0)
        """,
    ),
    Check(
        "lots are what was earned less what was used",
        """
        SELECT format('lot %s has %s of %s left, uses say %s', lot.id, lot.remaining, lot.earned,
                      lot.earned - coalesce(used.amount, 0))
          FROM ledger_lot lot
          LEFT JOIN (SELECT lot_id, wallet_id, sum(amount) AS amount FROM ledger_lotuse GROUP BY lot_id, wallet_id) used
            ON used.lot_id = lot.id AND used.wallet_id = lot.wallet_id
         WHERE lot.remaining <> lot.earned - coalesce(used.amount, 0)
        """,
    ),
    Check(
        "what a posting moves on a member's account it moves in its lots",
        """
        SELECT format('posting %s moves %s on account %s, its lots %s', posting_id, sum(entry), account_id, sum(lot))
          FROM (
               SELECT entry.posting_id, entry.account_id, entry.amount AS entry, 0 AS lot FROM ledger_entry entry
                 JOIN ledger_account account ON account.id = entry.account_id AND account.kind = 'MEMBER'
               UNION ALL SELECT posting_id, account_id, 0, earned FROM ledger_lot
               UNION ALL SELECT used.posting_id, lot.account_id, 0, -used.amount
                 FROM ledger_lotuse used JOIN ledger_lot lot ON lot.id = used.lot_id) moved
         GROUP BY posting_id, account_id HAVING sum(entry) <> sum(lot)
        """,
    ),
    Check(
        "no earning is taken back more than once",
        """
        SELECT format('%s of %s earned by posting %s were taken back', sum(entry.amount), lot.earned, lot.posting_id)
          FROM ledger_posting correction
          JOIN ledger_entry entry ON entry.posting_id = correction.id
          JOIN ledger_account account ON account.id = entry.account_id AND account.kind = 'ISSUANCE'
          JOIN ledger_lot lot ON lot.posting_id = correction.corrects_id
         WHERE correction.kind = 'CLAW_BACK' GROUP BY lot.id HAVING sum(entry.amount) > lot.earned
        """,
    ),
    Check(
        "no spending is given back more than once",
        """
        SELECT format('%s of %s spent by posting %s were given back', sum(back.amount), -spent.amount, spent.posting_id)
          FROM ledger_posting correction
          JOIN ledger_entry back ON back.posting_id = correction.id AND back.wallet_id IS NOT NULL
          JOIN ledger_entry spent ON spent.posting_id = correction.corrects_id AND spent.wallet_id IS NOT NULL
         WHERE correction.kind = 'REVERSE' GROUP BY spent.id HAVING sum(back.amount) > -spent.amount
        """,
    ),
    Check(
        "what lots and accounts reserve is what open holds keep",
        """
        SELECT format('account %s reserves %s, its holds %s', account.id, account.held, coalesce(holds.amount, 0))
          FROM ledger_account account
          LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM ledger_hold
                      WHERE state = 'HELD' GROUP BY account_id) holds ON holds.account_id = account.id
         WHERE account.held <> coalesce(holds.amount, 0)
        UNION ALL
        SELECT format('lot %s reserves %s, holds keep %s', lot.id, lot.reserved, coalesce(parts.amount, 0))
          FROM ledger_lot lot
          LEFT JOIN (SELECT part.lot_id, sum(part.amount) AS amount
                       FROM ledger_holdlot part JOIN ledger_hold hold ON hold.id = part.hold_id AND hold.state = 'HELD'
                      GROUP BY part.lot_id) parts ON parts.lot_id = lot.id
         WHERE lot.reserved <> coalesce(parts.amount, 0)
        """,
    ),
    Check(
        "holds keep whole what they say, and spent what they captured",
        """
        SELECT format('hold %s keeps %s, its parts %s', hold.id, hold.amount, coalesce(sum(part.amount), 0))
          FROM ledger_hold hold LEFT JOIN ledger_holdlot part ON part.hold_id = hold.id
         GROUP BY hold.id HAVING hold.amount <> coalesce(sum(part.amount), 0)
        UNION ALL
        SELECT format('hold %s captured %s, its posting moves %s', hold.id, hold.captured, coalesce(entry.amount, 0))
          FROM ledger_hold hold
          LEFT JOIN ledger_posting posting ON posting.programme_id = hold.programme_id AND posting.source = hold.source
           AND posting.kind = 'BURN' AND posting.reference = hold.reference
          LEFT JOIN ledger_entry entry ON entry.posting_id = posting.id AND entry.account_id = hold.account_id
         WHERE hold.state = 'CAPTURED' AND hold.captured <> coalesce(-entry.amount, 0)
        """,
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
