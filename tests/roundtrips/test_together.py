"""Several questions in one round trip, several changes in one statement, and anew when somebody else was first."""

from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction

from roundtrips import Change, Overtaken, Question, ask, both, carry_out, settle
from roundtrips.together import ATTEMPTS
from shops.models import Programme

REAL_ROWS = pytest.mark.django_db(transaction=True, serialized_rollback=True)
KEY = "shops_programme_key_key"


@pytest.fixture(autouse=True)
def _functions(db):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE OR REPLACE FUNCTION pg_temp.open_shop(p_key text) RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
              INSERT INTO shops_programme
                (key, name, mode, time_zone, currency, currency_decimals, colour, refund_order)
              VALUES (p_key, p_key, 'LIVE', 'UTC', 'EUR', 2, '', 'PROPORTIONAL');
            END $$;
            CREATE OR REPLACE FUNCTION pg_temp.rename_shop(p_key text, p_name text) RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
              UPDATE shops_programme SET name = p_name WHERE key = p_key;
            END $$;
            """
        )


def opening(key: str) -> Change:
    return Change("pg_temp.open_shop(%s)", (key,), overtaken_by=frozenset({KEY}))


def renaming(key: str, name: str) -> Change:
    return Change("pg_temp.rename_shop(%s, %s)", (key, name))


def number(value: int) -> Question[int]:
    return Question(("%s::int",), (value,), lambda row: int(row[0]))


def names() -> dict[str, str]:
    return dict(Programme.objects.values_list("key", "name"))


def test_several_questions_are_answered_in_one_round_trip(django_assert_num_queries):
    pair: Question[tuple[int, int]] = Question(("%s::int", "2"), (1,), lambda row: (row[0], row[1]))

    with django_assert_num_queries(1):
        answer = ask(both(both(number(7), pair), number(9)))

    assert answer == ((7, (1, 2)), 9)


def test_a_question_without_columns_is_answered_with_others():
    nothing: Question[str] = Question((), (), lambda row: f"{len(row)} columns")

    assert ask(both(nothing, number(3))) == ("0 columns", 3)


def test_changes_are_one_statement_in_which_each_sees_those_before_it(django_assert_num_queries):
    with django_assert_num_queries(1):
        carry_out([opening("florist"), renaming("florist", "Flora")])

    assert names()["florist"] == "Flora"


def test_nothing_to_do_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        carry_out([])


@REAL_ROWS
def test_changes_stand_or_fall_together():
    carry_out([opening("florist")])
    before = names()

    with pytest.raises(Overtaken):
        carry_out([opening("butcher"), opening("florist")])

    assert names() == before


@REAL_ROWS
def test_a_violation_that_nobody_declared_stays_what_it_is():
    carry_out([opening("florist")])

    with pytest.raises(IntegrityError):
        carry_out([Change("pg_temp.open_shop(%s)", ("florist",))])


@REAL_ROWS
@pytest.mark.parametrize("inside", [False, True], ids=["by itself", "in an open transaction"])
def test_who_is_overtaken_plans_anew(inside):
    plans: list[bool] = []

    def somebody_else() -> None:
        Programme.objects.create(key="florist", name="Theirs")
        connection.close()

    def plan() -> tuple[str, list[Change]]:
        known = Programme.objects.filter(key="florist").exists()
        plans.append(known)
        if known:
            return "theirs", []
        other = Thread(target=somebody_else)
        other.start()
        other.join()
        return "mine", [opening("florist")]

    if inside:
        with transaction.atomic():
            outcome = settle(plan)
            Programme.objects.create(key="butcher", name="Butcher")
        assert "butcher" in names()
    else:
        outcome = settle(plan)

    assert (outcome, plans) == ("theirs", [False, True])
    assert names()["florist"] == "Theirs"


@REAL_ROWS
def test_who_is_overtaken_again_and_again_gives_up():
    carry_out([opening("florist")])
    plans: list[int] = []

    def plan() -> tuple[None, list[Change]]:
        plans.append(1)
        return None, [opening("butcher"), opening("florist")]

    with pytest.raises(Overtaken):
        settle(plan)

    assert len(plans) == ATTEMPTS
    assert "butcher" not in names()
