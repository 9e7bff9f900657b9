"""Books as they are after years: as many entries as wanted, that add up, in the order in which they would have come."""

from collections.abc import Mapping
from datetime import UTC, datetime

import psycopg

from bench.database import DATA_DIR, DATABASE
from ledger import services as ledger
from ledger.policies import Policy
from loyalty_site import embedded
from shops.models import Programme

# What happens to a wallet, again and again: seven earnings of a hundred, three spendings that each take the lot before.
ROUND = "AABAABAABA"
WALLETS = 100_000
AMOUNT = 100
OPENED = datetime(2025, 1, 1, tzinfo=UTC)

_FILL = """
SET session_replication_role = replica;
CREATE TEMP TABLE made AS
SELECT base.id + (step - 1) * %(wallets)s::bigint + wallet.no AS id, wallet.wallet_id, wallet.account_id,
       substr(%(round)s, (step - 1) %% 10 + 1, 1) = 'A' AS is_earning, step, wallet.no,
       %(amount)s * (4 * ((step - 1) / 10)
                     + (ARRAY[1, 2, 1, 2, 3, 2, 3, 4, 3, 4])[(step - 1) %% 10 + 1]) AS balance_after,
       base.id + (step - 2) * %(wallets)s::bigint + wallet.no AS id_before,
       substr(%(round)s, step %% 10 + 1, 1) = 'B' AND step < %(steps)s AS is_spent
  FROM generate_series(1, %(steps)s) AS step
 CROSS JOIN (SELECT row_number() OVER (ORDER BY id) AS no, id AS account_id, wallet_id FROM ledger_account
              WHERE programme_id = %(programme)s AND kind = 'MEMBER') wallet
 CROSS JOIN (SELECT coalesce(max(id), 0) AS id FROM ledger_posting) base
 ORDER BY step, wallet.no;
INSERT INTO ledger_posting (id, programme_id, kind, source, reference, actor, occurred_at, recorded_at)
SELECT id, %(programme)s, CASE WHEN is_earning THEN 'ACCRUE' ELSE 'BURN' END, 'bench', id::text, 'bench', moment, moment
  FROM made CROSS JOIN (VALUES (timestamptz '2025-01-01')) AS time (moment);
INSERT INTO ledger_entry (programme_id, wallet_id, posting_id, account_id, unit_id, amount, seq, balance_after)
SELECT %(programme)s, leg.wallet_id, id, leg.account_id, %(unit)s, leg.amount, leg.seq, leg.balance_after
  FROM made, LATERAL (VALUES
       (wallet_id, account_id, CASE WHEN is_earning THEN %(amount)s ELSE -%(amount)s END, step, balance_after),
       (NULL, CASE WHEN is_earning THEN %(issuance)s ELSE %(redemption)s END,
        CASE WHEN is_earning THEN -%(amount)s ELSE %(amount)s END, NULL, NULL))
       AS leg (wallet_id, account_id, amount, seq, balance_after);
INSERT INTO ledger_lot (id, programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved, active_from)
SELECT id, %(programme)s, wallet_id, account_id, id, %(amount)s, CASE WHEN is_spent THEN 0 ELSE %(amount)s END, 0,
       timestamptz '2025-01-01' FROM made WHERE is_earning;
INSERT INTO ledger_lotuse (programme_id, wallet_id, posting_id, lot_id, amount)
SELECT %(programme)s, wallet_id, id, id_before, %(amount)s FROM made WHERE NOT is_earning;
UPDATE ledger_account account SET balance = made.balance_after, seq = made.step
  FROM made WHERE made.account_id = account.id AND made.step = %(steps)s;
SELECT setval('ledger_posting_id_seq', (SELECT max(id) FROM ledger_posting)),
       setval('ledger_lot_id_seq', (SELECT max(id) FROM ledger_lot));
DROP TABLE made;
"""


def fill(*, entries: int, key: str = "bench-books") -> Programme:
    """A programme with at least so many entries: a hundred thousand wallets, or one for each hundred entries."""
    programme = Programme.objects.create(key=key, name="Bench", currency="EUR")
    wallets = min(WALLETS, max(1, entries // 100))
    steps = max(10, -(-entries // (2 * wallets * 10)) * 10)
    _write(_FILL, programme, wallets, {"steps": steps, "round": ROUND, "amount": AMOUNT})
    return programme


def _write(script: str, programme: Programme, wallets: int, besides: Mapping[str, object]) -> None:
    unit = ledger.open_programme_books(programme_id=programme.pk, policy=Policy())
    ledger.open_wallets(programme_id=programme.pk, count=wallets, at=OPENED)
    with psycopg.connect(embedded.uri(DATA_DIR, DATABASE)) as superuser:
        found = superuser.execute(
            "SELECT lower(kind), id FROM ledger_account WHERE programme_id = %s AND wallet_id IS NULL", [programme.pk]
        )
        kinds: dict[str, int] = dict(found.fetchall())
        with psycopg.ClientCursor(superuser) as cursor:
            cursor.execute(script, {**kinds, **besides, "programme": programme.pk, "unit": unit.pk, "wallets": wallets})
    with psycopg.connect(embedded.uri(DATA_DIR, DATABASE), autocommit=True) as superuser:
        superuser.execute("VACUUM ANALYZE ledger_posting, ledger_entry, ledger_lot, ledger_lotuse, ledger_account")
        superuser.execute("CHECKPOINT")


_LAPSE = """
SET session_replication_role = replica;
CREATE TEMP TABLE made AS
SELECT base.id + (lot - 1) * %(wallets)s::bigint + wallet.no AS id, wallet.wallet_id, wallet.account_id, lot
  FROM generate_series(1, %(lots)s) AS lot
 CROSS JOIN (SELECT row_number() OVER (ORDER BY id) AS no, id AS account_id, wallet_id FROM ledger_account
              WHERE programme_id = %(programme)s AND kind = 'MEMBER') wallet
 CROSS JOIN (SELECT greatest((SELECT max(id) FROM ledger_posting), (SELECT max(id) FROM ledger_lot), 0) AS id) base;
INSERT INTO ledger_posting (id, programme_id, kind, source, reference, actor, occurred_at)
SELECT id, %(programme)s, 'ACCRUE', 'bench', id::text, 'bench', '2025-01-01' FROM made;
INSERT INTO ledger_entry (programme_id, wallet_id, posting_id, account_id, unit_id, amount, seq, balance_after)
SELECT %(programme)s, leg.wallet_id, id, leg.account_id, %(unit)s, leg.amount, leg.seq, leg.balance
  FROM made, LATERAL (VALUES (wallet_id, account_id, 100, lot, 100 * lot), (NULL, %(issuance)s, -100, NULL, NULL))
       AS leg (wallet_id, account_id, amount, seq, balance);
INSERT INTO ledger_lot (id, programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved, active_from,
                        expires_at)
SELECT id, %(programme)s, wallet_id, account_id, id, 100, 100, 0, '2025-01-01', %(at)s FROM made;
UPDATE ledger_account SET balance = 100 * %(lots)s, seq = %(lots)s
 WHERE programme_id = %(programme)s AND kind = 'MEMBER';
SELECT setval('ledger_posting_id_seq', (SELECT max(id) FROM ledger_posting)),
       setval('ledger_lot_id_seq', (SELECT max(id) FROM ledger_lot));
DROP TABLE made;
"""


def lapse(*, wallets: int, lots: int, at: datetime, key: str) -> None:
    """Wallets with lots that lapse at an instant."""
    programme = Programme.objects.create(key=key, name="Bench", currency="EUR")
    _write(_LAPSE, programme, wallets, {"lots": lots, "at": at})
