"""
Adjustments asked for and decided by many at once, on real connections. What protects a limit is also taken away, and
then the race must be lost.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from kernel.errors import DomainError
from ledger import services as ledger
from ledger.errors import AdjustmentNotOpen, InsufficientPoints
from ledger.models import Adjustment, Posting, Unit
from tests.crowd import at_once
from tests.ledger import asking, books
from tests.ledger.asking import Office, part
from tests.ledger.books import NOON, Figures

SQL = Path(__file__).resolve().parent.parent.parent / "ledger" / "sql" / "adjusting.sql"
ROUNDS = 8

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def names(answers: list[object]) -> Counter[str]:
    """How often each refusal was the answer, and how often there was none."""
    return Counter(type(answer).__name__ if isinstance(answer, DomainError) else "done" for answer in answers)


@pytest.fixture
def office(programme):
    return asking.an_office(programme)


def withdraw(office: Office, adjustment_id: int) -> None:
    ledger.withdraw_adjustment(adjustment_id=adjustment_id, by_id=office.support.pk, at=NOON)


def reject(office: Office, adjustment_id: int) -> None:
    ledger.reject_adjustment(adjustment_id=adjustment_id, by_id=office.other_approver.pk, at=NOON, note="Paid twice")


def test_ten_approvals_of_one_request_post_once(office, unit):
    wallet = books.a_wallet(unit)
    adjustment_id = office.ask_for(wallet, 50)
    approvers = [office.approver, office.other_approver]

    answers = at_once(10, lambda number: office.approve(adjustment_id, by=approvers[number % 2]))

    assert names(answers) == {"done": 1, "AdjustmentNotOpen": 9}
    assert wallet.figures() == Figures(50)
    assert Posting.objects.filter(kind="ADJUST").count() == 1


@pytest.mark.parametrize("other", [withdraw, reject])
def test_an_approval_meets_another_decision(other, office, unit):
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit)
        adjustment_id = office.ask_for(wallet, 50)
        acts = [partial(office.approve, adjustment_id), partial(other, office, adjustment_id)]

        answers = at_once(4, lambda number, acts=acts: acts[number % 2]())

        assert names(answers) == {"done": 1, "AdjustmentNotOpen": 3}
        approved = Adjustment.objects.get(pk=adjustment_id).state == "APPROVED"
        assert wallet.figures() == Figures(50 if approved else 0)


def test_taking_by_hand_meets_a_spending(office, unit):
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit, 100)
        adjustment_id = office.ask_for(wallet, -100)
        acts = [partial(office.approve, adjustment_id), partial(wallet.spend, 100)]

        answers = at_once(2, lambda number, acts=acts: acts[number]())

        assert names(answers) == {"done": 1, "InsufficientPoints": 1}
        assert wallet.figures() == Figures(0)
        approved = not isinstance(answers[0], InsufficientPoints)
        assert Adjustment.objects.get(pk=adjustment_id).state == ("APPROVED" if approved else "OPEN")


def test_two_requests_take_from_one_wallet_what_is_there_once(office, unit):
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit, 100)
        requests = [office.ask_for(wallet, -60) for _ in range(4)]

        answers = at_once(4, lambda number, requests=requests: office.approve(requests[number]))

        assert names(answers) == {"done": 1, "InsufficientPoints": 3}
        assert wallet.figures() == Figures(40)


def test_requests_of_the_same_wallets_in_opposite_order_do_not_wait_in_a_circle(office, unit):
    wallets = [books.a_wallet(unit) for _ in range(20)]
    asked = [
        office.ask(*[part(wallet, 1) for wallet in (wallets if number % 2 else wallets[::-1])], unit=unit)
        for number in range(8)
    ]

    answers = at_once(8, lambda number: office.approve(asked[number].adjustment_id))

    assert names(answers) == {"done": 8}
    assert {wallet.figures() for wallet in wallets} == {Figures(8)}


def test_two_workers_post_one_long_request_once(office, unit):
    wallets = [books.a_wallet(unit) for _ in range(60)]
    adjustment_id = office.ask(*[part(wallet, 5) for wallet in wallets], unit=unit).adjustment_id
    office.approve(adjustment_id, at_once=10)

    def work(_number: int) -> int:
        total = 0
        while posted := ledger.post_adjustment(adjustment_id=adjustment_id, at=NOON, limit=3):
            total += len(posted)
        return total

    first = at_once(4, work)
    left = work(0)

    assert sum(first) + left == 60
    assert {wallet.figures() for wallet in wallets} == {Figures(5)}


def test_a_line_of_a_wallet_without_the_unit_is_posted_once(office, programme):
    later = books.a_unit(programme, "later")
    for _ in range(ROUNDS):
        wallet = books.TestWallet(books.a_wallet(books.a_unit(programme)).wallet_id, later)
        line = asking.the_line(asked_and_approved(office, wallet))

        at_once(4, lambda _, line=line: post(line.pk))

        assert wallet.figures() == Figures(50)


def asked_and_approved(office: Office, wallet: books.TestWallet) -> int:
    """A request that is approved and of which nothing is posted."""
    adjustment_id = office.ask_for(wallet, 50)
    office.approve(adjustment_id, at_once=0)
    return adjustment_id


def post(line_id: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_adjust(%s, %s, 'test')", [line_id, NOON])


def thirty_two_ask_for_a_hundred_of_a_thousand(office: Office, unit: Unit) -> None:
    wallet = books.a_wallet(unit)
    ledger.limit_adjustments(unit_id=unit.pk, limit=1000)

    answers = at_once(32, lambda number: office.ask_for(wallet, 100, ref=f"form {unit.pk} {number}"))

    assert names(answers) == {"done": 10, "AdjustmentLimitReached": 22}
    assert Adjustment.objects.filter(unit=unit).count() == 10


def ten_send_the_same_form(office: Office, unit: Unit) -> None:
    wallet = books.a_wallet(unit)

    answers = at_once(10, lambda _: office.ask(part(wallet, 100), unit=unit, ref=f"form {unit.pk}"))

    assert Counter(getattr(answer, "fresh", answer) for answer in answers) == {True: 1, False: 9}
    assert Adjustment.objects.filter(unit=unit).count() == 1


# What stands in adjusting.sql, and what stands there when the protection is gone.
UNIT_LOCK = (
    "WHERE id = asked.unit_id AND programme_id = asked.programme_id FOR NO KEY UPDATE;",
    "WHERE id = asked.unit_id;",
)
RACES: list[tuple[Callable[[Office, Unit], None], tuple[str, str]]] = [
    (thirty_two_ask_for_a_hundred_of_a_thousand, UNIT_LOCK),
    (ten_send_the_same_form, UNIT_LOCK),
]


@contextmanager
def without(right: str, wrong: str) -> Iterator[None]:
    functions = SQL.read_text().partition("-- The database refuses")[0]
    assert functions.count(right) == 1
    try:
        run(functions.replace(right, wrong))
        yield
    finally:
        run(functions)


def run(functions: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(functions.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


@pytest.mark.parametrize("race", [race for race, _ in RACES], ids=lambda race: race.__name__)
def test_the_race_holds(race, office, unit):
    race(office, unit)


@pytest.mark.parametrize(("race", "protection"), RACES, ids=lambda value: getattr(value, "__name__", "without"))
def test_the_race_is_lost_without_its_protection(race, protection, office, programme):
    def until_lost() -> None:
        for number in range(10):
            race(office, books.a_unit(programme, f"unit-{number}"))

    with without(*protection), pytest.raises((AssertionError, DatabaseError)):
        until_lost()


def test_a_decision_without_the_request_locked_is_stopped_by_the_database(office, unit):
    """The lock gives clear answers; the books would be right without it."""
    adjustment_id = office.ask_for(books.a_wallet(unit), 50)
    Adjustment.objects.filter(pk=adjustment_id).update(state="APPROVED", decided_by=office.approver, decided_at=NOON)

    with pytest.raises(DatabaseError, match="decided once"):
        Adjustment.objects.filter(pk=adjustment_id).update(state="WITHDRAWN", decided_by=office.support)

    with pytest.raises(AdjustmentNotOpen):
        office.approve(adjustment_id)
