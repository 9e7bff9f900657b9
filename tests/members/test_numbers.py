"""Member numbers: a typo is found before it becomes somebody else's points."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.models import Member
from members.numbers import check_digit, is_valid_number, new_number
from members.queries import unused_numbers
from tests.counter import people

BODIES = st.integers(10**10, 10**11 - 1).map(str)


@pytest.mark.parametrize(
    ("body", "digit"),
    [("7992739871", 3), ("453201511283036", 6), ("37828224631000", 5), ("00000000000", 0), ("10000000000", 8)],
)
def test_the_check_digit_is_luhns(body, digit):
    assert check_digit(body) == digit


def test_a_new_number_is_twelve_digits_that_check_and_does_not_begin_with_zero():
    numbers = [new_number() for _ in range(1000)]

    assert all(len(number) == 12 and number.isascii() and number.isdigit() for number in numbers)
    assert all(is_valid_number(number) and number[0] != "0" for number in numbers)
    assert len(set(numbers)) == 1000


@given(body=BODIES)
def test_every_single_wrong_digit_is_found(body):
    number = body + str(check_digit(body))

    for position, digit in itertools.product(range(12), "0123456789"):
        typed = number[:position] + digit + number[position + 1 :]
        assert is_valid_number(typed) == (typed == number)


@given(body=BODIES)
def test_every_swap_of_neighbours_is_found_but_of_zero_and_nine(body):
    number = body + str(check_digit(body))

    for position in range(11):
        left, right = number[position : position + 2]
        typed = number[:position] + right + left + number[position + 2 :]
        assert is_valid_number(typed) == (left == right or {left, right} == {"0", "9"})


def test_every_pair_of_neighbours_at_every_place_but_zero_and_nine_has_two_check_digits():
    same = set()
    for position, left, right in itertools.product(range(10), "0123456789", "0123456789"):
        begin, end = "31415926535"[:position], "31415926535"[position + 2 :]
        if left != right and check_digit(begin + left + right + end) == check_digit(begin + right + left + end):
            same.add((position, left + right))

    assert same == set(itertools.product(range(10), ["09", "90"]))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "0",
            "1" * 11,
            "1" * 13,
            "10000000008",
            "1000000000081",
            "10000000000 8",
            " 100000000008",
            "100000000008 ",
        ),
        *("100000000008\n", "+00000000008", "-00000000008", "1000000000O8", "\uff11" + "0" * 10 + "8", "\u0661" * 12),
    ],
)
def test_what_is_not_twelve_digits_is_no_number(text):
    assert not is_valid_number(text)


def test_a_number_that_checks_is_one():
    assert is_valid_number("100000000008")


def test_numbers_that_members_have_are_drawn_again(bakery):
    ada = people.a_member(bakery)
    drawn = iter([ada.number, "100000000008", "100000000008", ada.number, "100000000016", "100000000024"])

    numbers = unused_numbers(programme_id=bakery.pk, count=3, draw=lambda: next(drawn))

    assert set(numbers) == {"100000000008", "100000000016", "100000000024"}


def test_the_number_of_another_programmes_member_is_free_here(bakery):
    bob = people.a_member(people.a_programme("butcher"), "Bob")

    assert unused_numbers(programme_id=bakery.pk, count=1, draw=lambda: bob.number) == [bob.number]
    assert Member.objects.get().programme_id != bakery.pk
