"""
Is every balance what the entries say? Checks over the whole books, each one query that returns the first differences.
"""

from collections.abc import Callable, Iterator

import msgspec
from django.db import connection

from ledger.checks import OF_MOVES, Check
from ledger.computing import compute
from ledger.equations import (
    BALANCED,
    BALANCES,
    CHAIN,
    CLEARED,
    COUNTED,
    LINKED,
    LOTS,
    MOVES,
    RESERVED,
    SUMS,
    USES,
    pieces,
)


class Finding(msgspec.Struct, frozen=True):
    """A promise that does not hold, with an example."""

    check: str
    example: str


class Verified(msgspec.Struct, frozen=True):
    """What was found, and how much there was to look at."""

    findings: list[Finding]
    counted: dict[str, int]


CHECKS = (
    Check(
        BALANCED,
        """
        SELECT format('posting %s sums to %s', posting_id, sum(amount)) FROM ledger_entry
         GROUP BY posting_id, unit_id HAVING sum(amount) <> 0
        """,
    ),
    Check(
        LINKED,
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
           AND origin.kind = ANY (CASE correction.kind WHEN 'REVERSE' THEN '{BURN}'
                                                       ELSE '{ACCRUE,PURCHASE}' END::text[])
         WHERE correction.corrects_id IS NOT NULL AND origin.id IS NULL
        """,
    ),
    Check(
        BALANCES,
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
        CHAIN,
        """
        SELECT format('entry %s says %s, expected %s', id, balance_after, before + amount) FROM (
               SELECT id, amount, seq, balance_after, coalesce(lag(balance_after) OVER running, 0) AS before,
                      coalesce(lag(seq) OVER running, 0) AS seq_before FROM ledger_entry WHERE wallet_id IS NOT NULL
               WINDOW running AS (PARTITION BY account_id ORDER BY seq)) chain
         WHERE balance_after IS DISTINCT FROM before + amount OR seq IS DISTINCT FROM seq_before + 1
        """,
    ),
    Check(
        LOTS,
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
        USES,
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
        MOVES,
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
          JOIN ledger_account account ON account.id = entry.account_id AND account.kind IN ('ISSUANCE', 'CLEARING')
          JOIN ledger_lot lot ON lot.posting_id = correction.corrects_id
         WHERE correction.kind = 'CLAW_BACK' AND correction.corrects_id IS NOT NULL
         GROUP BY lot.id HAVING sum(entry.amount) > lot.earned
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
        RESERVED,
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
        "every adjustment posts a line of an approved request, to its wallet, in its unit and its amount",
        """
        SELECT format('posting %s posts no approved line', posting.id) FROM ledger_posting posting
          LEFT JOIN ledger_adjustmentline line ON line.posting_id = posting.id AND line.id::text = posting.reference
          LEFT JOIN ledger_adjustment adjustment ON adjustment.id = line.adjustment_id
           AND adjustment.programme_id = posting.programme_id AND adjustment.state = 'APPROVED'
         WHERE posting.kind = 'ADJUST' AND (adjustment.id IS NULL OR posting.source <> 'adjustment' OR NOT EXISTS (
               SELECT FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
                WHERE entry.posting_id = posting.id AND account.kind = 'MEMBER' AND entry.wallet_id = line.wallet_id
                  AND entry.unit_id = adjustment.unit_id AND entry.amount = line.amount))
        UNION ALL
        SELECT format('line %s names posting %s, which does not post it', line.id, line.posting_id)
          FROM ledger_adjustmentline line LEFT JOIN ledger_posting posting
            ON posting.id = line.posting_id AND posting.kind = 'ADJUST' AND posting.reference = line.id::text
         WHERE line.posting_id IS NOT NULL AND posting.id IS NULL
        UNION ALL
        SELECT format('posting %s moves adjustments and is none', entry.posting_id) FROM ledger_account account
          JOIN ledger_entry entry ON entry.account_id = account.id
          JOIN ledger_posting posting ON posting.id = entry.posting_id
         WHERE account.kind = 'ADJUSTMENT' AND posting.kind <> 'ADJUST'
        """,
    ),
    Check(
        "what an adjustment asks for is what was asked for",
        """
        SELECT format('request %s is not what was asked for', id) FROM ledger_adjustment
         WHERE payload_sha256 IS DISTINCT FROM ledger_adjustment_digest(id)
        """,
    ),
    Check(
        CLEARED,
        """
        SELECT format('%s of unit %s came through clearing, purchases say %s', -coalesce(entries.amount, 0), unit.id,
                      coalesce(bought.amount, 0))
          FROM ledger_unit unit
          LEFT JOIN (SELECT entry.unit_id, sum(entry.amount) AS amount FROM ledger_entry entry
                       JOIN ledger_account account ON account.id = entry.account_id AND account.kind = 'CLEARING'
                      GROUP BY entry.unit_id) entries ON entries.unit_id = unit.id
          LEFT JOIN (SELECT unit_id, sum(amount - taken_back) AS amount FROM ledger_purchase
                      WHERE captured > 0 GROUP BY unit_id) bought ON bought.unit_id = unit.id
         WHERE -coalesce(entries.amount, 0) <> coalesce(bought.amount, 0)
        """,
    ),
    Check(
        "every purchase that was paid posts its amount to its wallet, and what went back of it",
        """
        SELECT format('purchase %s is not what posting %s moves', bought.id, bought.posting_id)
          FROM ledger_purchase bought LEFT JOIN ledger_posting posting
            ON posting.id = bought.posting_id AND posting.programme_id = bought.programme_id
           AND posting.kind = 'PURCHASE' AND posting.source = 'purchase' AND posting.reference = bought.id::text
         WHERE bought.captured > 0 AND (posting.id IS NULL OR NOT EXISTS (
               SELECT FROM ledger_entry entry WHERE entry.posting_id = posting.id AND entry.wallet_id = bought.wallet_id
                  AND entry.unit_id = bought.unit_id AND entry.amount = bought.amount))
        UNION ALL
        SELECT format('posting %s posts no purchase', posting.id) FROM ledger_posting posting
          LEFT JOIN ledger_purchase bought ON bought.posting_id = posting.id
         WHERE posting.kind = 'PURCHASE' AND bought.id IS NULL
        UNION ALL
        SELECT format('purchase %s took back %s, its postings %s', bought.id, bought.taken_back,
                      coalesce(back.amount, 0))
          FROM ledger_purchase bought
          LEFT JOIN (SELECT correction.corrects_id, sum(entry.amount) AS amount FROM ledger_posting correction
                       JOIN ledger_entry entry ON entry.posting_id = correction.id
                       JOIN ledger_account account ON account.id = entry.account_id AND account.kind = 'CLEARING'
                      WHERE correction.kind = 'CLAW_BACK' GROUP BY correction.corrects_id) back
            ON back.corrects_id = bought.posting_id
         WHERE bought.taken_back <> coalesce(back.amount, 0)
        """,
    ),
    Check(
        "what of a purchase was paid and given back is what notices said",
        """
        SELECT format('purchase %s says %s of %s given back, its notices say %s', bought.id, bought.refunded,
                      bought.captured, told.refunded)
          FROM ledger_purchase bought CROSS JOIN LATERAL (
               SELECT coalesce(max(coalesce(amount, bought.total)) FILTER (WHERE kind IN ('REFUNDED', 'WITHDRAWN')), 0)
                        AS refunded,
                      count(*) FILTER (WHERE kind = 'CAPTURED') AS captures
                 FROM ledger_paymentnotice WHERE purchase_id = bought.id AND refusal = '') told
         WHERE bought.refunded <> told.refunded OR (bought.captured > 0) <> (told.captures > 0)
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
    *OF_MOVES,
)


def verify(*, tell: Callable[[str], None]) -> Iterator[Finding]:
    """Run every check over the whole database, telling which; yield the findings. For books of a moderate size."""
    for check in CHECKS:
        tell(check.name)
        yield from _run(check)


def verify_in_pieces(*, connections: int, tell: Callable[[int, int], None]) -> Verified:
    """
    The same for books of any size: sums tell whether a promise is broken, and only then its check runs, to name where.

    :param connections: how many share the work
    :param tell: called with how much is done, and how much there is to do
    """
    sums = compute(pieces(), connections=connections, tell=tell)
    off = {name for name in SUMS if sums[name]}
    broken = {promise for name in off for promise in SUMS[name]}
    summed = {promise for promises in SUMS.values() for promise in promises}
    findings = [
        finding for check in CHECKS if check.name in broken or check.name not in summed for finding in _run(check)
    ]
    named = {finding.check for finding in findings}
    unexplained = [name for name in sorted(off) if named.isdisjoint(SUMS[name])]
    findings += [
        Finding(SUMS[name][0], f"the sum {name!r} is not zero, though no row says why") for name in unexplained
    ]
    return Verified(findings, {name: sums[name] for name in COUNTED})


def _run(check: Check) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(f"{check.query} LIMIT 1")
        row = cursor.fetchone()
    if row:
        yield Finding(check.name, row[0])
