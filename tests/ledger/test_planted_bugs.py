"""
Bugs planted into the books' SQL, one by one, and caught by the model: else the model's silence would prove nothing.

Each replaces one piece of the functions in `ledger/sql/` inside a transaction that is rolled back. A piece that is not
there any more fails the test, so that the list keeps up with the code.
"""

import pytest

from tests.ledger.planting import assert_caught
from tests.ledger.test_model import Books

BUGS = {
    "an earning is booked again when it is repeated": (
        "SELECT x.id, p_programme, 'ACCRUE', x.source, x.reference, p_actor",
        "SELECT x.id, p_programme, 'ACCRUE', x.source, x.reference || x.id, p_actor",
    ),
    "a spending is booked again when it is repeated": (
        "kind = 'BURN' AND reference = p_reference;\n  fresh := posting IS NULL;",
        "false;\n  p_reference := p_reference || clock_timestamp(); fresh := true;",
    ),
    "points that are reserved can be spent": (
        "SELECT id, remaining - reserved AS free FROM ledger_lot\n",
        "SELECT id, remaining AS free FROM ledger_lot\n",
    ),
    "a hold is captured twice": (
        "  IF hold.state <> 'HELD' THEN\n    RETURN;\n  END IF;\n",
        "",
    ),
    "a hold is released twice": (
        "  IF hold.state <> 'HELD' THEN\n    RETURN false;\n  END IF;\n",
        "",
    ),
    "capturing a part takes everything out of the lots": (
        "least(amount, p_amount - (sum(amount) OVER (ORDER BY id) - amount)) AS amount",
        "amount",
    ),
    "capturing a part keeps the rest reserved": (
        "    FROM ledger_holdlot part WHERE part.hold_id = p_hold AND lot.id = part.lot_id;\n",
        "    FROM unnest(taken.lots, taken.amounts) AS part (lot_id, amount) WHERE lot.id = part.lot_id;\n",
    ),
    "a hold whose time is over keeps its points": (
        "WHERE account.wallet_id = p_wallet AND hold.state = 'HELD' AND hold.expires_at <= p_at;",
        "WHERE false;",
    ),
    "a hold lasts a second longer": (
        "WHERE account.wallet_id = p_wallet AND hold.state = 'HELD' AND hold.expires_at <= p_at;",
        "WHERE account.wallet_id = p_wallet AND hold.state = 'HELD' AND hold.expires_at < p_at;",
    ),
    "a lot can be spent in the second it lapses": (
        "AND active_from <= p_at AND (expires_at IS NULL OR expires_at > p_at)\n     ORDER BY",
        "AND active_from <= p_at AND (expires_at IS NULL OR expires_at >= p_at)\n     ORDER BY",
    ),
    "a lot begins a second too late": (
        "AND active_from <= p_at AND (expires_at IS NULL OR expires_at > p_at)\n     ORDER BY",
        "AND active_from < p_at AND (expires_at IS NULL OR expires_at > p_at)\n     ORDER BY",
    ),
    "the oldest lot pays first": ("ORDER BY expires_at, id;\n", "ORDER BY id;\n"),
    "lots that never expire pay first": ("ORDER BY expires_at, id;\n", "ORDER BY expires_at NULLS FIRST, id;\n"),
    "of lots that expire together the newest pays first": (
        "ORDER BY expires_at, id;\n",
        "ORDER BY expires_at, id DESC;\n",
    ),
    "expiry takes what is reserved": (
        "lot.expires_at, lot.remaining - lot.reserved AS amount FROM",
        "lot.expires_at, lot.remaining AS amount FROM",
    ),
    "expiry leaves what a hold kept whose time is over": ("  IF over IS NOT NULL THEN\n", "  IF false THEN\n"),
    "expiry comes an hour early": (
        "WHERE lot.account_id = ANY (accounts) AND lot.expires_at <= p_at",
        "WHERE lot.account_id = ANY (accounts) AND lot.expires_at <= p_at + interval '1 hour'",
    ),
    "a claw-back takes more than was earned": ("  IF clawed + p_amount > lot.earned THEN\n", "  IF false THEN\n"),
    "a claw-back stops at zero": (
        "ARRAY[-taken, -owed, -lapsed, p_amount]",
        "ARRAY[-taken, 0, -lapsed, taken + lapsed]",
    ),
    "a claw-back takes what its own lot reserves": (
        "least(p_amount, remaining - reserved) AS part",
        "least(p_amount, remaining) AS part",
    ),
    "a claw-back spares its own lot": ("least(p_amount, remaining - reserved) AS part", "0::bigint AS part"),
    "a claw-back spares other lots": (
        "others := ledger_pick(lot.account_id, p_amount - own_part - lapsed, p_at);",
        "others := ledger_pick(lot.account_id, 0, p_at);",
    ),
    "what lapsed is charged again": (
        "least(p_amount - own_part, ledger_lapsed_of(lot.id, p_origin, breakage)",
        "least(p_amount - own_part, 0",
    ),
    "what lapsed is set off every time": (
        "       + (SELECT coalesce(sum(entry.amount), 0) FROM ledger_posting earlier",
        "       + (SELECT 0 * coalesce(sum(entry.amount), 0) FROM ledger_posting earlier",
    ),
    "a repeated claw-back takes again": (
        "kind = 'CLAW_BACK' AND reference = p_reference;\n  fresh := posting IS NULL;",
        "false;\n  p_reference := p_reference || clock_timestamp(); fresh := true;",
    ),
    "a released hold is not offset against arrears": (
        "  PERFORM ledger_settle(hold.wallet_id, p_at);\n  RETURN true;\n",
        "  RETURN true;\n",
    ),
    "an earning is not offset against arrears": ("    PERFORM ledger_lock(debt.wallet_id, debt.at);\n", "    NULL;\n"),
    "points that return are not offset against arrears": ("  PERFORM ledger_settle(spent.wallet_id, p_at);\n", ""),
    "points that came free by themselves are not offset against arrears": (
        "  PERFORM ledger_settle(p_wallet, p_at);\nEND $$;\n\n-- The lots that pay",
        "END $$;\n\n-- The lots that pay",
    ),
    "a reversal fills lots that lapsed": (
        "lot.id = part.lot_id AND (lot.expires_at IS NULL OR lot.expires_at > p_at)",
        "lot.id = part.lot_id",
    ),
    "a reversal loses what lapsed meanwhile": ("  IF lapsed > 0 THEN\n", "  IF false THEN\n"),
    "what was given back is not counted": ("  given := ledger_given_back(p_burn);\n", "  given := 0;\n"),
    "undoing a second time is another undoing": (
        "ledger_refund(p_burn, NULL, 'ledger', p_burn::text,",
        "ledger_refund(p_burn, NULL, 'ledger', p_burn || clock_timestamp()::text,",
    ),
    "more is given back than was spent": ("  IF amount > left_over OR amount = 0 THEN\n", "  IF amount = 0 THEN\n"),
    "each refund thinks it is the first": (
        "PERFORM ledger_put_back(posting, p_burn, given, amount,",
        "PERFORM ledger_put_back(posting, p_burn, 0, amount,",
    ),
    "what was taken first returns first": (
        "sum(amount) OVER (ORDER BY id DESC) AS upto",
        "sum(amount) OVER (ORDER BY id) AS upto",
    ),
    "a refund returns whole parts of lots": (
        "least(upto, p_given + p_amount) - greatest(upto - amount, p_given) AS amount",
        "amount",
    ),
    "a repeated refund gives back again": (
        "AND posted.reference = p_reference;\n  fresh := earlier.id IS NULL;",
        "AND false;\n  p_reference := p_reference || clock_timestamp(); fresh := true;",
    ),
    "undoing forgets what refunds gave back": (
        "  left_over := spent.amount - given;\n",
        "  left_over := spent.amount - CASE WHEN p_amount IS NULL THEN 0 ELSE given END;\n",
    ),
    "an adjustment is booked again when it is repeated": (
        "kind = 'ADJUST' AND reference = p_line::text;\n  fresh := posting IS NULL;",
        "false;\n  fresh := true;",
    ),
    "an adjustment takes what is not there": (
        "    IF taken.total < -line.amount THEN\n      RETURN;\n    END IF;\n",
        "",
    ),
    "an adjustment takes nothing out of the lots": (
        "    PERFORM ledger_consume(line.programme_id, line.wallet_id, posting, taken.lots, taken.amounts);\n",
        "    NULL;\n",
    ),
    "what is adjusted is not offset against arrears": ("    PERFORM ledger_settle(line.wallet_id, p_at);\n", ""),
    "what is adjusted never expires": ("0, p_at, line.expires_at, line", "0, p_at, NULL, line"),
    "an adjustment keeps holds whose time is over": ("  PERFORM ledger_lock(line.wallet_id, p_at);\n", ""),
    "a move takes nothing out of the giver's lots": (
        "  PERFORM ledger_consume(giver.programme_id, giver.wallet_id, posting_id, p_lots, p_amounts);\n",
        "",
    ),
    "what arrives never expires": (
        "posting_id, amount, amount, 0, active_from, expires_at, has_own_end\n      FROM arrived",
        "posting_id, amount, amount, 0, active_from, NULL, has_own_end\n      FROM arrived",
    ),
    "the fee is given to the receiver": ("ARRAY[-total, total - p_fee, p_fee]", "ARRAY[-total, total, 0]"),
    "the fee is taken of what lives longest": (
        "sum(amount) OVER (ORDER BY place) AS upto",
        "sum(amount) OVER (ORDER BY place DESC) AS upto",
    ),
    "a repeated transfer is sent again": (
        "AND source = p_source AND reference = p_reference;\n  fresh := transfer IS NULL;",
        "AND false;\n  p_reference := p_reference || clock_timestamp(); fresh := true;",
    ),
    "an offer lives longer than its points": ("least(p_until, min(expires_at)) INTO ends", "p_until INTO ends"),
    "an offer is taken after its time": (
        "offer.state = 'OFFERED' AND offer.ends_at > p_at AND kept.state = 'HELD'",
        "offer.state = 'OFFERED'",
    ),
    "an offer is taken without its fee": ("taken.amounts, offer.fee, 'transfer'", "taken.amounts, 0, 'transfer'"),
    "a no keeps the points reserved": (
        "  PERFORM ledger_close_holds(ARRAY[offer.hold_id], p_at);\n  UPDATE ledger_transfer SET state = p_state,",
        "  UPDATE ledger_transfer SET state = p_state,",
    ),
    "points that a no freed are not offset against arrears": (
        "  PERFORM ledger_settle(offer.from_wallet_id, p_at);\n",
        "",
    ),
    "what an offer brought is not offset against arrears": (
        "  PERFORM ledger_settle(offer.to_wallet_id, p_at);\n",
        "",
    ),
    "the night forgets to tell what lapsed": ("    IF FOUND THEN\n      lapsed", "    IF false THEN\n      lapsed"),
    "a posting has one leg": ("WHERE amount <> 0\n", "WHERE amount > 0\n"),
    "the balance of one account is forgotten": (
        "UPDATE ledger_account account SET balance = account.balance - total.amount, seq",
        "UPDATE ledger_account account SET balance = account.balance, seq",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_caught(bug, breaking):
    assert_caught(Books, *BUGS[bug])
