"""Bugs planted into the SQL of buying, one by one, and caught by the model: else its silence would prove nothing."""

import pytest

from tests.ledger.planting import assert_caught
from tests.ledger.test_purchase_model import Shop

BUGS = {
    "a notice that comes again counts again": ("  ELSIF earlier.counted THEN\n", "  ELSIF false THEN\n"),
    "a request that ended is paid": (
        "OR (bought.state = 'REQUESTED' AND p_happened >= bought.expires_at) THEN",
        "OR false THEN",
    ),
    "a request ends a second too late": (
        "p_happened >= bought.expires_at) THEN",
        "p_happened > bought.expires_at) THEN",
    ),
    "what is cancelled is paid": ("IF bought.state = 'CANCELLED' OR (bought", "IF (bought"),
    "what is paid is cancelled": ("CASE WHEN bought.captured > 0 THEN 'purchase_captured'", "CASE WHEN false THEN ''"),
    "the year has no limit when money comes": ("    RETURN 'purchase_limit_reached';\n", "    RETURN '';\n"),
    "the year has no limit when one asks": ("  IF p_amount > left_over OR waiting", "  IF waiting"),
    "what was cancelled counts in its year": ("counts_in = p_year AND state <> 'CANCELLED'", "counts_in = p_year"),
    "what went back counts in its year": (
        "sum(amount - taken_back), 0)::bigint FROM ledger_purchase",
        "sum(amount), 0)::bigint FROM ledger_purchase",
    ),
    "an authorised purchase does not count": (
        "counts_in = p_year AND state",
        "counts_in = p_year AND state <> 'AUTHORISED' AND state",
    ),
    "an authorisation brings points": ("    IF p_kind = 'CAPTURED' THEN\n", "    IF true THEN\n"),
    "an authorised purchase is never paid": (
        "OR (bought.state = 'AUTHORISED' AND p_kind = 'CAPTURED'));",
        "OR false);",
    ),
    "what is bought is not in a lot": (
        "bought.amount, bought.amount, 0, p_happened, p_expires)",
        "1, 1, 0, p_happened, p_expires)",
    ),
    "what is bought is not offset against arrears": ("  PERFORM ledger_settle(bought.wallet_id, p_at);\n", ""),
    "a refund takes nothing": ("  IF units > bought.taken_back THEN\n", "  IF false THEN\n"),
    "a refund takes earned points": (
        "'PURCHASE', 'CLEARING', units - bought.taken_back",
        "'PURCHASE', 'ISSUANCE', units - bought.taken_back",
    ),
    "what was used is withdrawn": (
        "WHEN lot.reserved > 0 OR lot.remaining < bought.amount - bought.taken_back THEN",
        "WHEN false THEN",
    ),
    "what is reserved is withdrawn": ("WHEN lot.reserved > 0 OR lot.remaining <", "WHEN lot.remaining <"),
    "nobody can withdraw": ("WHEN lot.reserved > 0 OR lot.remaining <", "WHEN true OR lot.remaining <"),
    "unpaid money goes back": ("CASE WHEN bought.captured = 0 THEN 'purchase_not_captured'", "CASE WHEN false THEN ''"),
    "any number may wait": ("OR waiting >= p_most_waiting THEN", "THEN"),
    "holds whose time is over keep a purchase from being withdrawn": (
        "  PERFORM ledger_lock(bought.wallet_id, p_at);\n",
        "  PERFORM 1 FROM ledger_account WHERE wallet_id = bought.wallet_id ORDER BY id FOR NO KEY UPDATE;\n",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_caught(bug, breaking):
    assert_caught(Shop, *BUGS[bug])
