"""`manage.py verify_ledger` finds every kind of difference, planted one by one, and says so by its exit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ledger.models import Account, Entry, Lot
from ledger.verification import CHECKS
from tests.ledger import asking, books, buying, sending
from tests.ledger.books import DAY, MINUTE, NOON
from tests.ledger.pooling import a_pool

ROOT = Path(__file__).resolve().parent.parent.parent
(
    BALANCED,
    LINKED,
    CORRECTIONS,
    BALANCES,
    CHAIN,
    LOTS,
    USES,
    MOVES,
    ONCE,
    GIVEN_BACK_ONCE,
    RESERVED,
    ADJUSTED,
    ASKED,
    CLEARED,
    BOUGHT,
    TOLD,
    HOLDS,
    MOVED,
    TRANSFERS,
    POOLED,
) = (check.name for check in CHECKS)


@pytest.fixture
def lived_in(programme, unit):
    """Ada's wallet and Bob's, with every kind of posting and an open hold."""
    books.a_wallet(unit, 50)
    ada = books.a_wallet(unit, 300)
    earning = ada.earn(100, until=NOON + DAY)
    ada.spend(150)
    ada.capture(ada.hold(40, ref="captured"), 30)
    ada.release(ada.hold(40, ref="released"))
    books.expire_all(NOON + DAY)
    at = NOON + 2 * DAY
    ada.reverse(ada.spend(20, at=at), at=at)
    ada.spend(ada.figures(at).spendable - 10, at=at)
    ada.claw_back(earning, 100, at=at)
    ada.earn(500, at=at)
    ada.hold(60, at=at, until=at + MINUTE, ref="open")
    office = asking.an_office(programme)
    office.adjust(books.a_wallet(unit), 70)
    office.adjust(ada, -7, at=at)
    books.a_wallet(unit, 80).give(ada, 33, at=at, fee=2)
    _bought(unit)
    _pooled(unit)
    _sent(unit)
    assert books.findings() == []
    with connection.cursor() as cursor:
        # What is broken on purpose comes behind what the transaction's end would check.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return ada


def _bought(unit):
    terms, buyer = buying.sell(unit), books.a_wallet(unit)
    buying.buy(buyer, terms, 2000)
    buying.tell(buying.buy(buyer, terms, 3000), "REFUNDED")


def _pooled(unit):
    bob, cleo = books.a_wallet(unit, 11), books.a_wallet(unit, 13)
    pool = a_pool(unit, bob, cleo)
    pool.give(bob, 11)
    pool.give(cleo, 13)
    pool.leave(bob)


def _sent(unit):
    carl, dora = books.a_wallet(unit, 33), books.a_wallet(unit)
    sending.may_be_sent(unit)
    sending.send(carl, dora, 11)
    sending.may_be_sent(unit, needs_acceptance=True)
    sending.offer(carl, dora, 12)


PLANTED = [
    (BALANCED, "UPDATE ledger_entry SET amount = amount + 1 WHERE id = (SELECT min(id) FROM ledger_entry)"),
    (BALANCED, "DELETE FROM ledger_entry WHERE id = (SELECT min(id) FROM ledger_entry WHERE wallet_id IS NULL)"),
    (LINKED, "DELETE FROM ledger_entry WHERE posting_id = (SELECT min(id) FROM ledger_posting)"),
    (LINKED, "DELETE FROM ledger_posting WHERE id = (SELECT min(id) FROM ledger_posting)"),
    (LINKED, "DELETE FROM ledger_account WHERE kind = 'ISSUANCE'"),
    (LINKED, "UPDATE ledger_entry SET programme_id = -1 WHERE id = (SELECT min(id) FROM ledger_entry)"),
    (LINKED, "UPDATE ledger_entry SET wallet_id = -1 WHERE wallet_id IS NOT NULL"),
    (CORRECTIONS, "UPDATE ledger_posting SET corrects_id = -1 WHERE kind = 'CLAW_BACK'"),
    (
        CORRECTIONS,
        "UPDATE ledger_posting SET corrects_id = (SELECT min(id) FROM ledger_posting) WHERE kind = 'REVERSE'",
    ),
    (BALANCES, "UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'MEMBER'"),
    (BALANCES, "UPDATE ledger_account SET balance = balance - 1 WHERE kind = 'ARREARS'"),
    (BALANCES, "UPDATE ledger_account SET seq = seq + 1 WHERE kind = 'MEMBER'"),
    (CHAIN, "UPDATE ledger_entry SET balance_after = balance_after + 1 WHERE seq = 2"),
    (CHAIN, "UPDATE ledger_entry SET balance_after = NULL WHERE seq = 2"),
    (CHAIN, "UPDATE ledger_entry SET seq = NULL, balance_after = NULL WHERE seq = 1 AND amount = 50"),
    (LOTS, "UPDATE ledger_lot SET remaining = remaining - 1 WHERE earned = 50"),
    (LOTS, "DELETE FROM ledger_lot WHERE earned = 50"),
    (LOTS, "UPDATE ledger_lot SET wallet_id = -1 WHERE earned = 50"),
    (USES, "UPDATE ledger_lot SET remaining = remaining - 1 WHERE earned = 50"),
    (USES, "DELETE FROM ledger_lotuse WHERE id = (SELECT min(id) FROM ledger_lotuse)"),
    (MOVES, "UPDATE ledger_lotuse SET posting_id = -1 WHERE id = (SELECT min(id) FROM ledger_lotuse)"),
    (MOVES, "UPDATE ledger_lot SET posting_id = -1 WHERE earned = 50"),
    (
        ONCE,
        "UPDATE ledger_posting SET corrects_id = posting_id FROM ledger_lot WHERE earned = 50 AND kind = 'CLAW_BACK'",
    ),
    (
        GIVEN_BACK_ONCE,
        "UPDATE ledger_posting SET corrects_id = posting_id FROM ledger_entry WHERE kind = 'REVERSE' AND amount = -10",
    ),
    (RESERVED, "UPDATE ledger_account SET held = held + 1 WHERE kind = 'MEMBER' AND balance > held"),
    (RESERVED, "UPDATE ledger_lot SET reserved = reserved + 1 WHERE remaining > reserved"),
    (RESERVED, "UPDATE ledger_hold SET state = 'RELEASED', closed_at = now() WHERE reference = 'open'"),
    (ADJUSTED, "UPDATE ledger_posting SET reference = reference || '0' WHERE kind = 'ADJUST'"),
    (ADJUSTED, "UPDATE ledger_posting SET source = 'elsewhere' WHERE kind = 'ADJUST'"),
    (ADJUSTED, "UPDATE ledger_posting SET kind = 'BURN' WHERE kind = 'ADJUST'"),
    (ADJUSTED, "UPDATE ledger_adjustmentline SET amount = 71 WHERE amount = 70"),
    (ADJUSTED, "UPDATE ledger_adjustmentline SET posting_id = NULL WHERE amount = 70"),
    (ADJUSTED, "UPDATE ledger_adjustmentline SET posting_id = -1 WHERE amount = 70"),
    (ADJUSTED, "UPDATE ledger_adjustmentline SET wallet_id = -1 WHERE amount = 70"),
    (ADJUSTED, "UPDATE ledger_adjustment SET state = 'OPEN', decided_by_id = NULL, decided_at = NULL"),
    (ADJUSTED, "UPDATE ledger_entry SET posting_id = (SELECT min(id) FROM ledger_posting) WHERE amount = -70"),
    (ASKED, "UPDATE ledger_adjustment SET wording = 'something else'"),
    (ASKED, "UPDATE ledger_adjustmentline SET amount = 71 WHERE amount = 70"),
    (ASKED, "DELETE FROM ledger_adjustmentline WHERE amount = 70"),
    (CLEARED, "UPDATE ledger_purchase SET amount = amount + 1 WHERE state = 'CAPTURED'"),
    (
        CLEARED,
        """
        UPDATE ledger_purchase SET state = 'CANCELLED', cancelled_at = now(), captured = 0, posting_id = NULL,
               captured_at = NULL WHERE state = 'CAPTURED'
        """,
    ),
    (CLEARED, "UPDATE ledger_entry SET amount = amount + 1 WHERE amount = -2000"),
    (BOUGHT, "UPDATE ledger_posting SET reference = reference || '0' WHERE kind = 'PURCHASE'"),
    (BOUGHT, "UPDATE ledger_posting SET kind = 'ACCRUE' WHERE kind = 'PURCHASE'"),
    (BOUGHT, "UPDATE ledger_purchase SET posting_id = -1 WHERE state = 'CAPTURED'"),
    (BOUGHT, "UPDATE ledger_purchase SET wallet_id = -1 WHERE state = 'CAPTURED'"),
    (BOUGHT, "UPDATE ledger_purchase SET taken_back = 1 WHERE state = 'CAPTURED'"),
    (BOUGHT, "DELETE FROM ledger_purchase WHERE state = 'CAPTURED'"),
    (TOLD, "UPDATE ledger_paymentnotice SET amount = 1 WHERE kind = 'REFUNDED'"),
    (TOLD, "UPDATE ledger_paymentnotice SET refusal = 'payment_mismatch' WHERE kind = 'CAPTURED'"),
    (TOLD, "DELETE FROM ledger_paymentnotice WHERE kind = 'REFUNDED'"),
    (HOLDS, "UPDATE ledger_holdlot SET amount = amount + 1"),
    (HOLDS, "DELETE FROM ledger_holdlot"),
    (HOLDS, "UPDATE ledger_hold SET captured = captured + 1 WHERE reference = 'captured'"),
    (HOLDS, "UPDATE ledger_posting SET reference = 'gone' WHERE reference = 'captured'"),
    (MOVED, "DELETE FROM ledger_lotorigin"),
    (MOVED, "UPDATE ledger_lotorigin SET from_wallet_id = wallet_id"),
    (MOVED, "UPDATE ledger_lotorigin SET wallet_id = from_wallet_id"),
    (MOVED, "UPDATE ledger_lotorigin SET from_lot_id = lot_id"),
    (MOVED, "UPDATE ledger_lot SET earned = earned + 3 WHERE earned = 33"),
    (POOLED, "DELETE FROM ledger_lotorigin"),
    (POOLED, "UPDATE ledger_posting SET kind = 'ACCRUE' WHERE kind = 'TRANSFER'"),
    (
        POOLED,
        """
        UPDATE ledger_lotorigin home SET from_lot_id = other.lot_id FROM ledger_lotorigin given, ledger_lotorigin other
         WHERE home.from_lot_id = given.lot_id AND other.wallet_id = given.wallet_id AND other.id <> given.id
        """,
    ),
    (POOLED, "UPDATE ledger_posting SET kind = 'REVERSE', corrects_id = id WHERE kind = 'TRANSFER'"),
    (MOVED, "DELETE FROM ledger_lotorigin"),
    (MOVED, "UPDATE ledger_lotorigin SET from_wallet_id = wallet_id"),
    (TRANSFERS, "DELETE FROM ledger_transfer WHERE state = 'DONE'"),
    (TRANSFERS, "DELETE FROM ledger_transfer WHERE state = 'OFFERED'"),
    (TRANSFERS, "UPDATE ledger_transfer SET amount = amount + 1"),
]


@pytest.mark.parametrize(("check", "difference"), PLANTED)
def test_a_planted_difference_is_found_by_the_check_made_for_it(check, difference, lived_in, breaking):
    breaking(difference)

    assert check in {finding.check for finding in books.findings()}


def test_each_check_has_a_difference_planted_for_it():
    assert {check for check, _ in PLANTED} == {check.name for check in CHECKS}


def test_a_finding_gives_an_example(lived_in, breaking):
    breaking("UPDATE ledger_account SET balance = 501 WHERE balance = 500")
    breaking("UPDATE ledger_entry SET balance_after = 51 WHERE seq = 1 AND amount = 50")

    assert [finding.example.split(" ", 2)[2] for finding in books.findings() if finding.check == CHAIN] == [
        "says 51, expected 50"
    ]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_command_says_what_it_checked_and_how_large_the_books_are(lived_in, capsys):
    call_command("verify_ledger")

    told = capsys.readouterr().out
    assert [check.name for check in CHECKS if check.name not in told] == []
    entries, accounts, lots = Entry.objects.count(), Account.objects.count(), Lot.objects.count()
    assert f"The books agree: {entries} entries, {accounts} accounts, {lots} lots, in " in told


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_quiet_command_says_nothing_when_the_books_agree(lived_in, capsys):
    call_command("verify_ledger", "--quiet")

    assert capsys.readouterr().out == ""


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_command_refuses_books_that_differ(lived_in, breaking):
    breaking("UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'MEMBER'")

    with pytest.raises(CommandError, match=f"{BALANCES}: NO, account"):
        call_command("verify_ledger", "--quiet")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize(("balance", "code"), [(0, 0), (1, 1)])
def test_the_process_exits_with_the_answer(balance, code, lived_in, breaking):
    breaking("UPDATE ledger_account SET balance = balance + %s WHERE kind = 'MEMBER'", balance)

    program = (
        "import django; django.setup(); from django.db import connection;"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r};"
        "from django.core.management import execute_from_command_line as run; run(['manage.py', 'verify_ledger'])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "loyalty_site.settings"}
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=False)

    assert answer.returncode == code
