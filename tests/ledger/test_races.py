"""
Many at once on real connections. Each race is run with its protection and must hold; in the long campaign each is also
run without it and must be lost, or the race would prove nothing.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kernel.errors import DomainError
from ledger import services as ledger
from ledger.errors import InsufficientPoints, RefundAboveSpent
from ledger.models import Account, Hold, Posting, Unit
from ledger.services import Accrued
from tests.crowd import at_once
from tests.ledger import asking, books
from tests.ledger.books import DAY, NOON, SECOND, Figures
from tests.ledger.planting import WALLET_LOCK, assert_lost

ROUNDS = 8

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def names(answers: Sequence[object]) -> Counter[str]:
    """How often each refusal was the answer, and how often there was none."""
    return Counter(type(answer).__name__ if isinstance(answer, DomainError) else "done" for answer in answers)


def either(one: Callable[[], Any], other: Callable[[], Any]) -> Callable[[int], Any]:
    """Half of a crowd does one thing, half the other."""
    return lambda number: other() if number % 2 else one()


def thirty_two_spend_a_hundred_of_a_thousand(unit: Unit) -> None:
    wallet = books.a_wallet(unit)
    for _ in range(4):
        wallet.earn(250)

    answers = at_once(32, lambda number: wallet.spend(100, ref=f"till {number}"))

    assert names(answers) == {"done": 10, "InsufficientPoints": 22}
    assert wallet.figures() == Figures(0)
    assert Posting.objects.filter(kind="BURN").count() == 10


def thirty_two_reserve_a_hundred_of_a_thousand(unit: Unit) -> None:
    wallet = books.a_wallet(unit, 1000)

    answers = at_once(32, lambda number: wallet.hold(100, ref=f"till {number}"))

    assert names(answers) == {"done": 10, "InsufficientPoints": 22}
    assert wallet.figures() == Figures(reserved=1000)


def ten_send_the_same_earning(unit: Unit) -> None:
    wallet = books.a_wallet(unit)

    answers = at_once(10, lambda _: books.accrue(wallet.accrual(80, ref="order 7"), programme_id=unit.programme_id)[0])

    fresh = [answer.fresh for answer in answers if isinstance(answer, Accrued)]
    assert Counter(fresh) == {True: 1, False: 9}
    assert len({answer.posting_id for answer in answers if isinstance(answer, Accrued)}) == 1
    assert wallet.left() == [80]


def ten_send_the_same_spending(unit: Unit) -> None:
    wallet = books.a_wallet(unit, 1000)

    answers = at_once(10, lambda _: wallet.spend(80, ref="reward 7"))

    assert len(set(answers)) == 1
    assert wallet.figures() == Figures(920)


def ten_send_the_same_claw_back(unit: Unit) -> None:
    wallet = books.a_wallet(unit)
    earning = wallet.earn(1000)

    answers = at_once(10, lambda _: wallet.claw_back(earning, 80, ref="return 7"))

    assert Counter(getattr(answer, "fresh", answer) for answer in answers) == {True: 1, False: 9}
    assert wallet.figures() == Figures(920)


def ten_undo_one_spending(unit: Unit) -> None:
    wallet = books.a_wallet(unit, 1000)
    spending = wallet.spend(80)

    answers = at_once(10, lambda _: wallet.reverse(spending))

    assert len(set(answers)) == 1
    assert wallet.figures() == Figures(1000)


def ten_send_the_same_refund(unit: Unit) -> None:
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit, 1000)
        spending = wallet.spend(80)

        same = partial(wallet.refund, spending, 30, ref=f"return {spending}")
        answers = at_once(10, either(same, same))

        assert Counter(getattr(answer, "fresh", answer) for answer in answers) == {True: 1, False: 9}
        assert wallet.figures() == Figures(950)


def many_refunds_of_one_spending(unit: Unit) -> None:
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit, 1000)
        spending = wallet.spend(100)

        some = partial(wallet.refund, spending, 30)
        answers = at_once(5, either(some, some))

        assert names(answers) == {"done": 3, "RefundAboveSpent": 2}
        assert wallet.figures() == Figures(990)


def a_refund_meets_an_undoing(unit: Unit) -> None:
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit, 1000)
        spending = wallet.spend(100)

        answers = at_once(4, either(partial(wallet.refund, spending, 30), partial(wallet.reverse, spending)))

        assert sum(isinstance(answer, RefundAboveSpent) for answer in answers[1::2]) == 0
        assert wallet.figures() == Figures(1000)


def a_refund_meets_the_expiry_of_its_lot(unit: Unit) -> None:
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit, 100, until=NOON + DAY)
        spending = wallet.spend(60)

        expire = partial(ledger.expire_lapsed, at=NOON + DAY)
        at_once(2, either(expire, partial(wallet.refund, spending, 50, at=NOON + DAY - SECOND)))
        books.expire_all(NOON + DAY)

        assert wallet.left() == [0]
        assert sum(books.moved(wallet, "EXPIRE")) == -90


def eight_wallets_use_one_reference(unit: Unit) -> None:
    wallets = [books.a_wallet(unit, 100) for _ in range(8)]

    spent = at_once(8, lambda number: wallets[number].spend(80, ref="reward 7"))
    held = at_once(8, lambda number: wallets[number].hold(20, ref="reward 8"))

    assert names(spent) == names(held) == {"done": 1, "ReferenceReused": 7}
    assert sum(wallet.figures().spendable for wallet in wallets) == 8 * 100 - 80 - 20


def a_hold_meets_a_spending(unit: Unit) -> None:
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit, 100)

        answers = at_once(4, either(partial(wallet.hold, 100), partial(wallet.spend, 100)))

        assert names(answers) == {"done": 1, "InsufficientPoints": 3}
        assert wallet.figures().reserved - sum(books.moved(wallet, "BURN")) == 100


def a_capture_meets_a_release(unit: Unit) -> None:
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit, 100)
        hold = wallet.hold(60)

        answers = at_once(4, either(partial(wallet.capture, hold), partial(wallet.release, hold)))

        assert names(answers) == {"done": 1, "HoldNotOpen": 3}
        captured = Hold.objects.get(pk=hold).state == Hold.State.CAPTURED
        assert wallet.figures() == Figures(40 if captured else 100)


def a_claw_back_meets_a_spending(unit: Unit) -> None:
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit)
        earning = wallet.earn(100)

        _, spent = at_once(2, either(partial(wallet.claw_back, earning, 100), partial(wallet.spend, 100)))

        assert wallet.figures() == Figures(owed=0 if isinstance(spent, InsufficientPoints) else 100)


def many_claw_backs_of_one_earning(unit: Unit) -> None:
    wallet = books.a_wallet(unit)
    earning = wallet.earn(100)
    wallet.earn(500)

    def take(number: int) -> str:
        try:
            wallet.claw_back(earning, 30, ref=f"return {number}")
        except IntegrityError as refusal:
            return str(refusal)
        return "done"

    answers = at_once(10, take)

    assert Counter("cannot take back" in str(answer) for answer in answers) == {False: 3, True: 7}
    assert wallet.figures() == Figures(510)


def the_first_debt_of_a_wallet_meets_an_earning(unit: Unit) -> None:
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit)
        earning = wallet.earn(100)
        wallet.spend(100)

        at_once(2, either(partial(wallet.claw_back, earning, 100), partial(wallet.earn, 100)))

        assert set(Account.objects.filter(wallet_id=wallet.wallet_id).values_list("balance", flat=True)) == {0}


def an_expiry_meets_a_spending(unit: Unit) -> None:
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit, 100, until=NOON + DAY)

        expire = partial(ledger.expire_lapsed, at=NOON + DAY)
        _, spent = at_once(2, either(expire, partial(wallet.spend, 60, at=NOON + DAY - SECOND)))
        books.expire_all(NOON + DAY)

        assert wallet.left() == [0]
        assert sum(books.moved(wallet, "EXPIRE")) == (-100 if isinstance(spent, InsufficientPoints) else -40)


def two_workers_run_the_expiry(unit: Unit) -> None:
    wallets = [books.a_wallet(unit) for _ in range(30)]
    for wallet in wallets:
        wallet.earn(10, until=NOON + DAY)
        wallet.earn(20, until=NOON + DAY)

    counts = at_once(4, lambda _: books.expire_all(NOON + DAY, accounts=5))

    left = books.expire_all(NOON + DAY)
    assert sum(count for count in counts if isinstance(count, int)) + left == 60
    assert books.totals(unit) == {"ISSUANCE": -900, "BREAKAGE": 900}


def batches_of_earnings_in_opposite_order(unit: Unit) -> None:
    wallets = [books.a_wallet(unit) for _ in range(40)]

    def act(number: int) -> None:
        for _ in range(ROUNDS):
            order = wallets if number % 2 else wallets[::-1]
            books.accrue(*[wallet.accrual(1) for wallet in order], programme_id=unit.programme_id)

    at_once(4, act)

    assert {wallet.figures() for wallet in wallets} == {Figures(4 * ROUNDS)}


def batches_of_earnings_and_claw_backs_over_the_same_wallets(unit: Unit) -> None:
    wallets = [books.a_wallet(unit) for _ in range(20)]
    earnings = [(wallet, wallet.earn(100)) for wallet in wallets]

    def act(number: int) -> None:
        for _ in range(ROUNDS):
            if number % 2:
                books.accrue(*[wallet.accrual(1) for wallet in wallets[::-1]], programme_id=unit.programme_id)
            else:
                claims = [wallet.claim(earning, 1) for wallet, earning in (earnings if number else earnings[::-1])]
                with transaction.atomic():
                    ledger.claw_back_many(claims=claims, actor="test")

    at_once(4, act)

    assert {wallet.figures() for wallet in wallets} == {Figures(100)}


def eight_first_touch_a_unit(unit: Unit) -> None:
    programme_id = unit.programme_id
    wallets = [books.a_wallet(unit) for _ in range(2)]
    later = Unit.objects.create(programme_id=programme_id, code="later", name="Later")

    at_once(8, lambda number: books.TestWallet(wallets[number % 2].wallet_id, later).earn(10))

    assert books.totals(later) == {"MEMBER": 80, "ISSUANCE": -80}
    assert Account.objects.filter(unit=later).count() == 3


def any_two_verbs_meet(unit: Unit) -> None:
    """Every pair of verbs on one wallet: refusals and any order are fine, books that differ or a deadlock are not."""
    office = asking.an_office(unit.programme)
    for first, second in combinations_with_replacement(range(12), 2):
        wallet = books.a_wallet(unit, 100)
        earning = wallet.earn(80, until=NOON + DAY)
        spending, hold = wallet.spend(30), wallet.hold(60)
        adding, taking = office.ask_for(wallet, 30), office.ask_for(wallet, -50)
        verbs: list[Callable[[], object]] = [
            partial(wallet.earn, 50),
            partial(wallet.spend, 70),
            partial(wallet.hold, 70),
            partial(wallet.capture, hold, 40),
            partial(wallet.release, hold),
            partial(wallet.claw_back, earning, 40),
            partial(wallet.reverse, spending),
            partial(wallet.refund, spending, 20),
            partial(books.expire_all, NOON + DAY),
            partial(wallet.spend, 70, at=NOON + DAY),
            partial(office.approve, adding),
            partial(office.approve, taking),
        ]

        at_once(2, either(verbs[first], verbs[second]))

        assert (first, second, books.findings()) == (first, second, [])


LOCK = "PERFORM 1 FROM ledger_account WHERE {} ORDER BY wallet_id, id FOR NO KEY UPDATE;"
# Pieces of the functions, and what stands there when the protection is gone.
BATCH_LOCK = {LOCK.format("wallet_id = ANY (wallets)"): ""}
ORDER_OF_LOCKS = {
    LOCK.format("wallet_id = ANY (wallets)"): "PERFORM 1 FROM ledger_account WHERE wallet_id = ANY (wallets)"
    " ORDER BY array_position(wallets, wallet_id) FOR NO KEY UPDATE;"
}
DEBTS_LOOKED_UP_BEHIND_THE_LOCK = {
    "issuance_unit bigint; own record; debt record;": "issuance_unit bigint; own record; debt record; owing boolean;",
    LOCK.format("wallet_id = ANY (wallets)"): "SELECT bool_or(kind = 'ARREARS' AND balance < 0) INTO owing FROM (SELECT"
    " kind, balance FROM ledger_account WHERE wallet_id = ANY (wallets) ORDER BY wallet_id, id FOR NO KEY UPDATE) x;",
    "EXISTS (SELECT FROM ledger_account WHERE wallet_id = ANY (wallets) AND kind = 'ARREARS' AND balance < 0)": "owing",
}
EXPIRY_LOCK = {"LIMIT p_accounts FOR NO KEY UPDATE SKIP LOCKED) locked;": "LIMIT p_accounts) locked;"}
EARNED_ONCE = {"'ACCRUE', x.source, x.reference, p_actor": "'ACCRUE', x.source, x.reference || x.id, p_actor"}
UNDONE_ONCE = {
    "  given := ledger_given_back(p_burn);\n": "  given := 0;\n",
    "'ledger', p_burn::text,": "'ledger', p_burn || clock_timestamp()::text,",
}
REFUND_LOCK = {"  PERFORM ledger_lock(spent.wallet_id, p_at);\n": ""}
ANSWER_TO_A_LATE_REPEAT = {
    "  IF posting IS NULL THEN\n    -- Another wallet took the reference": "  IF false THEN\n    -- Another wallet took"
}

RACES: list[tuple[Callable[[Unit], None], dict[str, str]]] = [
    (thirty_two_spend_a_hundred_of_a_thousand, WALLET_LOCK),
    (thirty_two_reserve_a_hundred_of_a_thousand, WALLET_LOCK),
    (ten_send_the_same_earning, EARNED_ONCE),
    (ten_send_the_same_spending, WALLET_LOCK | ANSWER_TO_A_LATE_REPEAT),
    (ten_send_the_same_claw_back, WALLET_LOCK),
    (ten_undo_one_spending, UNDONE_ONCE),
    (ten_send_the_same_refund, REFUND_LOCK),
    (many_refunds_of_one_spending, REFUND_LOCK),
    (a_refund_meets_an_undoing, REFUND_LOCK),
    (a_refund_meets_the_expiry_of_its_lot, EXPIRY_LOCK),
    (eight_wallets_use_one_reference, ANSWER_TO_A_LATE_REPEAT),
    (a_hold_meets_a_spending, WALLET_LOCK),
    (a_capture_meets_a_release, WALLET_LOCK),
    (a_claw_back_meets_a_spending, WALLET_LOCK),
    (many_claw_backs_of_one_earning, WALLET_LOCK),
    (the_first_debt_of_a_wallet_meets_an_earning, DEBTS_LOOKED_UP_BEHIND_THE_LOCK),
    (an_expiry_meets_a_spending, EXPIRY_LOCK),
    (two_workers_run_the_expiry, EXPIRY_LOCK),
    (batches_of_earnings_in_opposite_order, ORDER_OF_LOCKS),
    (batches_of_earnings_and_claw_backs_over_the_same_wallets, ORDER_OF_LOCKS),
    (eight_first_touch_a_unit, BATCH_LOCK),
    (any_two_verbs_meet, WALLET_LOCK),
]


@pytest.mark.parametrize("race", [race for race, _ in RACES], ids=lambda race: race.__name__)
def test_the_race_holds(race, unit):
    race(unit)


@pytest.mark.slow
@pytest.mark.parametrize(("race", "protection"), RACES, ids=lambda value: getattr(value, "__name__", "without"))
def test_the_race_is_lost_without_its_protection(race, protection, unit, breaking):
    assert_lost(partial(race, unit), protection)
