"""
Payments told by many at once, on real connections. Each race holds with its protection and, in the long campaign, is
lost without it.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from ledger.models import Posting, Purchase, Unit
from ledger.services import Told
from tests.crowd import at_once
from tests.ledger import books, buying
from tests.ledger.books import DAY, MINUTE, NOON, SECOND, Figures
from tests.ledger.planting import assert_lost
from tests.ledger.test_races import ROUNDS, either, names

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def twenty_send_the_same_notice(unit: Unit) -> None:
    wallet = books.a_wallet(unit)
    purchase = buying.ask(wallet, buying.sell(unit)).purchase

    answers = at_once(20, lambda _: tell_at_once(purchase, "CAPTURED", name="evt_1"))

    assert Counter(getattr(answer, "fresh", answer) for answer in answers) == {True: 1, False: 19}
    assert (Posting.objects.count(), wallet.figures()) == (1, Figures(1000))


def twenty_notices_say_the_same(unit: Unit) -> None:
    wallet = books.a_wallet(unit)
    purchase = buying.ask(wallet, buying.sell(unit)).purchase

    answers = at_once(20, lambda number: tell_at_once(purchase, "CAPTURED", name=f"evt_{number}"))

    assert Counter(getattr(answer, "changed", answer) for answer in answers) == {True: 1, False: 19}
    assert (Posting.objects.count(), wallet.figures()) == (1, Figures(1000))


def sixty_four_pay_up_to_the_years_limit(unit: Unit) -> None:
    """1,000 each, and 10,000 in the year; all were paid in time, one after the other, and all is told now."""
    wallet, terms = books.a_wallet(unit), buying.sell(unit, max_per_year=10_000)
    asked = [NOON + MINUTE * number for number in range(64)]
    waiting = [buying.ask(wallet, terms, at=at, until=at + 30 * SECOND).purchase for at in asked]

    kinds, now = ("AUTHORISED", "CAPTURED"), NOON + DAY / 2
    answers = at_once(
        64, lambda number: tell_at_once(waiting[number], kinds[number % 2], at=now, happened_at=asked[number])
    )

    assert names(answers) == {"done": 10, "PurchaseOverLimit": 54}
    counted = Purchase.objects.exclude(counts_in=None)
    assert (counted.count(), Posting.objects.count()) == (10, counted.filter(state="CAPTURED").count())


def a_withdrawal_meets_a_spending(unit: Unit) -> None:
    terms = buying.sell(unit)
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit)
        purchase = buying.buy(wallet, terms)

        answers = at_once(2, either(partial(in_one, buying.withdraw, purchase), partial(wallet.spend, 1)))

        taken = isinstance(answers[0], Told)
        assert names(answers) == (
            {"done": 1, "InsufficientPoints": 1} if taken else {"done": 1, "WithdrawalRefused": 1}
        )
        assert wallet.figures() == Figures(0 if taken else 999)


def a_refund_meets_a_spending(unit: Unit) -> None:
    terms = buying.sell(unit)
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit)
        purchase = buying.buy(wallet, terms)

        refund = partial(tell_at_once, purchase, "REFUNDED")
        answers = at_once(2, either(refund, partial(wallet.spend, 600)))

        spent = isinstance(answers[1], int)
        assert wallet.figures() == (Figures(owed=600) if spent else Figures())
        assert books.findings() == []


def refunds_of_growing_sums(unit: Unit) -> None:
    cash = books.a_unit(unit.programme, f"cash{Purchase.objects.count()}", klass="STORED_VALUE", decimals=2)
    terms = buying.sell(cash, buying.TOP_UP)
    for _ in range(ROUNDS):
        wallet = books.a_wallet(cash)
        purchase = buying.buy(wallet, terms, 1000)

        at_once(8, lambda number, bought=purchase: tell_at_once(bought, "REFUNDED", 100 * (number + 1)))

        assert wallet.figures() == Figures(200)
        assert buying.states(purchase) == ("CAPTURED", 1000, 800, 800)


def a_payment_meets_a_cancellation(unit: Unit) -> None:
    terms = buying.sell(unit)
    for _ in range(ROUNDS):
        wallet = books.a_wallet(unit)
        purchase = buying.ask(wallet, terms).purchase

        said = (partial(tell_at_once, purchase, "CAPTURED"), partial(tell_at_once, purchase, "CANCELLED"))
        answers = at_once(2, either(*said))

        assert Counter(isinstance(answer, Told) for answer in answers) == {True: 1, False: 1}
        assert wallet.figures() == Figures(1000 if isinstance(answers[0], Told) else 0)


def one_payment_claims_two_purchases(unit: Unit) -> None:
    terms = buying.sell(unit)
    for number in range(ROUNDS):
        asked = [buying.ask(books.a_wallet(unit), terms).purchase for _ in range(2)]
        payment = f"pi_shared_{number}_{asked[0].pk}"

        answers = at_once(2, lambda n, rows=asked, name=payment: tell_at_once(rows[n], "CAPTURED", payment=name))

        assert names(answers) == {"done": 1, "PaymentContradicted": 1}
        assert Purchase.objects.filter(payment=payment).count() == 1


def tell_at_once(purchase: Purchase, kind: str, amount: int | None = None, **more: Any) -> Told:
    with transaction.atomic():
        return buying.tell(purchase, kind, amount, **more)


def in_one(act: Callable[..., Told], purchase: Purchase) -> Told:
    with transaction.atomic():
        return act(purchase)


LOCK = "  PERFORM ledger_lock(bought.wallet_id, p_at);\n"
RACES: list[tuple[Callable[[Unit], None], dict[str, str]]] = [
    (twenty_send_the_same_notice, {LOCK: ""}),
    (twenty_notices_say_the_same, {LOCK: ""}),
    (sixty_four_pay_up_to_the_years_limit, {LOCK: ""}),
    (a_withdrawal_meets_a_spending, {LOCK: ""}),
    (a_refund_meets_a_spending, {LOCK: "", "  PERFORM ledger_lock(lot.wallet_id, p_at);\n": ""}),
    (refunds_of_growing_sums, {LOCK: ""}),
    (a_payment_meets_a_cancellation, {LOCK: ""}),
]


@pytest.mark.parametrize(
    "race", [*(race for race, _ in RACES), one_payment_claims_two_purchases], ids=lambda race: race.__name__
)
def test_the_race_holds(race, unit):
    race(unit)


@pytest.mark.slow
@pytest.mark.parametrize(("race", "protection"), RACES, ids=lambda value: getattr(value, "__name__", "without"))
def test_the_race_is_lost_without_its_protection(race, protection, unit, breaking):
    assert_lost(partial(race, unit), protection)
