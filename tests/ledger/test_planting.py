"""What the slow campaigns exchange in the SQL is there: else they would plant nothing, and nobody would know."""

import pytest

from tests.ledger import test_planted_bugs, test_pools_planted_bugs, test_purchase_bugs
from tests.ledger.planting import file_with, plant

MODULES = (test_planted_bugs, test_pools_planted_bugs, test_purchase_bugs)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_every_bug_is_one_piece_for_another_and_can_be_planted(module, db):
    for right, wrong in module.BUGS.values():
        assert right != wrong
        assert plant({right: wrong}) == {file_with(right)}
