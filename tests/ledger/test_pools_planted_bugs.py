"""Bugs planted into the SQL of pools, one by one, and caught by any sequence: else its silence would prove nothing."""

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, Phase, given, settings

from kernel.errors import DomainError
from tests.ledger import books
from tests.ledger.planting import plant
from tests.ledger.pooling import a_pool
from tests.ledger.test_pools_any_sequence import STEPS, Run, read_no_table_whole

BUGS = {
    "who left is not sent home": ("    PERFORM ledger_send_gone_home(p_wallet, p_at);\n", "    NULL;\n"),
    "leaving is not written down": (
        "  UPDATE ledger_poolmember SET left_at = p_at WHERE",
        "  UPDATE ledger_poolmember SET left_at = NULL WHERE",
    ),
    "what holds keep is sent home": (
        "SELECT lot.id, lot.remaining - lot.reserved AS free, row_number() OVER running AS place,",
        "SELECT lot.id, lot.remaining AS free, row_number() OVER running AS place,",
    ),
    "everybody's goes home with who leaves": (
        "AND (origin.from_wallet_id = p_giver OR lot.id = ANY (p_lots))",
        "AND (true OR origin.from_wallet_id = p_giver OR lot.id = ANY (p_lots))",
    ),
    "grace lots forget whose they are": (
        "      PERFORM ledger_put_back_lapsed(p_posting, p_burn, p_given, p_amount, p_at, p_grace_until);\n",
        """
        INSERT INTO ledger_lot (programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved,
               active_from, expires_at)
        VALUES (spent.programme_id, spent.wallet_id, spent.account_id, p_posting, lapsed, lapsed, 0,
                p_at, p_grace_until);
        """,
    ),
    "grace lots are of the wrong amount": (
        "account_id, p_posting, amount, amount, 0, p_at, p_grace_until FROM grace\n",
        "account_id, p_posting, 1, 1, 0, p_at, p_grace_until FROM grace\n",
    ),
    "a share is given of other lots": (
        "  posting := ledger_move(lot.account_id, target, ARRAY[lot.id], ARRAY[amount], 0,",
        "  posting := ledger_move(lot.account_id, target, ARRAY[lot.id], ARRAY[amount + 1], 0,",
    ),
    "a pool forgets where a lot came from": (
        "  SELECT receiver.programme_id, receiver.wallet_id, id, giver.wallet_id, lot_id FROM arrived;\n",
        "  SELECT receiver.programme_id, receiver.wallet_id, id, receiver.wallet_id, lot_id FROM arrived;\n",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_caught(bug, unit, breaking):
    right, wrong = BUGS[bug]
    plant({right: wrong})
    read_no_table_whole()

    @settings(
        max_examples=400,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps=STEPS)
    def any_sequence(steps):
        run = Run(a_pool(unit, *[books.a_wallet(unit) for _ in range(3)]))
        for verb, who, amount in steps:
            run.step(verb, who, amount)
            run.check()
        for who in range(3):
            run.leave(who, 0)
        run.check_the_gone()
        run.check()
        assert books.findings() == []

    with pytest.raises((AssertionError, DatabaseError, DomainError)), transaction.atomic():
        any_sequence()
