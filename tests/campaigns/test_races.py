"""Many at once, on real connections: what happens once happens once."""

import pytest

from campaigns.models import Award, Decision
from campaigns.services import Accepted, AcceptedReturn
from events.models import OutboxEvent
from ledger.models import Lot, Posting
from orders.errors import OrderContradicted, ReturnExceedsSale
from orders.facts import PIECE
from orders.models import Order, Return, ReturnedLine
from tests.campaigns.trade import (
    a_member,
    books_are_sound,
    bring_back,
    buy,
    goods,
    granted,
    spend,
    taken,
    wallet,
)
from tests.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_ten_connections_send_the_same_order_and_all_get_its_one_answer(grocer, ada, standing):
    answers = at_once(10, lambda _: buy(grocer, goods(1250, tax=200)))

    assert all(isinstance(answer, Accepted) for answer in answers)
    assert sorted(answer.fresh for answer in answers) == [False] * 9 + [True]
    assert len({(answer.order_id, answer.earned, answer.member_number) for answer in answers if not answer.earned}) == 0
    assert len({answer.order_id for answer in answers}) == 1
    assert all(answer.earned == answers[0].earned for answer in answers)
    assert all(answer.decision == answers[0].decision for answer in answers)
    for model in (Order, Decision, Award, Posting, Lot):
        assert model.objects.count() == 1
    assert OutboxEvent.objects.filter(type="points.accrued").count() == 1
    assert wallet(ada) == (10, 0)
    assert books_are_sound()


def test_ten_contents_under_one_reference_and_one_of_them_is_the_order(grocer, ada, standing):
    answers = at_once(10, lambda number: buy(grocer, 1000 + 100 * number))

    (accepted,) = [answer for answer in answers if isinstance(answer, Accepted)]
    assert len([answer for answer in answers if isinstance(answer, OrderContradicted)]) == 9
    assert Order.objects.get().pk == accepted.order_id
    assert wallet(ada) == (granted(accepted), 0)
    assert books_are_sound()


def test_orders_of_one_member_at_once_all_count(grocer, ada, standing):
    answers = at_once(16, lambda number: buy(grocer, 1000, reference=str(number)))

    assert all(answer.fresh for answer in answers)
    assert wallet(ada) == (160, 0)
    assert books_are_sound()


def test_the_same_return_ten_times_at_once_takes_back_once(grocer, ada, standing):
    buy(grocer, goods(3000, pieces=3))

    answers = at_once(10, lambda _: bring_back(grocer, (2, 1), of="1"))

    assert all(isinstance(answer, AcceptedReturn) for answer in answers)
    assert sorted(answer.fresh for answer in answers) == [False] * 9 + [True]
    assert all(answer.taken_back == answers[0].taken_back for answer in answers)
    assert Return.objects.count() == 1
    assert ReturnedLine.objects.get().returned == 2 * PIECE
    assert wallet(ada) == (10, 0)
    assert books_are_sound()


def test_the_same_return_that_nothing_explains_is_on_record_once(grocer, ada, standing):
    answers = at_once(10, lambda _: bring_back(grocer, (2, "BREAD")))

    assert sorted(answer.fresh for answer in answers) == [False] * 9 + [True]
    assert len({answer.registered.return_id for answer in answers}) == 1
    assert Return.objects.count() == 1


def test_sixty_four_returns_of_one_order_never_exceed_the_sale(grocer, ada, standing):
    buy(grocer, goods(20000, pieces=20))

    answers = at_once(64, lambda number: bring_back(grocer, (1, 1), of="1", reference=f"R{number}"))

    accepted = [answer for answer in answers if isinstance(answer, AcceptedReturn)]
    refused = [answer for answer in answers if isinstance(answer, ReturnExceedsSale)]
    assert (len(accepted), len(refused)) == (20, 44)
    assert sum(taken(answer) for answer in accepted) == 200
    assert Return.objects.count() == 20
    assert ReturnedLine.objects.get().returned == 20 * PIECE
    assert Posting.objects.filter(kind="CLAW_BACK").count() == 20
    assert wallet(ada) == (0, 0)
    assert books_are_sound()


def test_sixty_four_returns_by_article_find_every_sold_piece_once(grocer, ada, standing):
    for number in range(4):
        buy(grocer, goods(5000, pieces=5), reference=str(number))

    answers = at_once(64, lambda number: bring_back(grocer, (1, "BREAD"), reference=f"R{number}"))

    matched = [answer for answer in answers if answer.registered.parts]
    assert len(matched) == 20
    assert sum(taken(answer) for answer in answers) == 200
    assert {row.returned for row in ReturnedLine.objects.all()} == {5 * PIECE}
    assert wallet(ada) == (0, 0)
    assert books_are_sound()


def test_returns_and_orders_of_many_members_at_once_wait_for_each_other_and_never_in_a_circle(grocer, ada, standing):
    people = [a_member(grocer, f"member {number}") for number in range(4)]
    for number in range(4):
        buy(grocer, goods(10000, pieces=10), reference=f"first {number}", customer=f"member {number}")

    def act(number):
        who = number % 4
        if number % 2:
            return buy(grocer, 1000, reference=f"second {number}", customer=f"member {who}")
        return bring_back(grocer, (1, 1), of=f"first {who}", reference=f"R{number}")

    answers = at_once(32, act)

    assert all(isinstance(answer, Accepted | AcceptedReturn) for answer in answers)
    assert [wallet(person)[0] for person in people] == [20, 180, 20, 180]
    assert books_are_sound()


def test_spending_and_returning_at_once_leaves_a_balance_or_a_debt_and_nothing_else(grocer, ada, standing):
    buy(grocer, goods(10000, pieces=10))

    def act(number):
        if number % 2:
            return spend(ada, 10, reference=f"coffee {number}")
        return bring_back(grocer, (1, 1), of="1", reference=f"R{number}")

    answers = at_once(20, act)

    spent = sum(10 for answer in answers if isinstance(answer, int))
    returned = sum(taken(answer) for answer in answers if isinstance(answer, AcceptedReturn))
    assert returned == 100
    spendable, owed = wallet(ada)
    assert spendable - owed == 100 - spent - returned
    assert books_are_sound()
