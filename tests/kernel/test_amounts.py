"""Amounts: decimal strings outside, integers in minor units inside, exact in between."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.amounts import MAX_MINOR, allocate, format_minor, parse_minor

DECIMALS = st.integers(0, 4)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("text", "decimals", "minor"),
    [
        ("12.34", 2, 1234),
        ("12.3", 2, 1230),
        ("12", 2, 1200),
        ("0", 2, 0),
        ("0.01", 2, 1),
        ("-0.01", 2, -1),
        ("-12.34", 2, -1234),
        ("-0.00", 2, 0),
        ("007", 0, 7),
        ("5.000000", 0, 5),
        ("12.3400", 2, 1234),
        ("0.0001", 4, 1),
        ("1000000000000000", 0, MAX_MINOR),
        ("-10000000000000.00", 2, -MAX_MINOR),
    ],
)
def test_a_decimal_string_is_read_as_minor_units(text, decimals, minor):
    assert parse_minor(text, decimals=decimals) == minor


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "-",
            ".",
            "+1",
            " 1",
            "1 ",
            "1\n",
            "\t1",
            "1_000",
            "1,000",
            "1,5",
            "1'000",
            "0x1",
            "1e3",
            "1E3",
            "1e-3",
        ),
        *(
            "NaN",
            "nan",
            "Infinity",
            "-inf",
            "true",
            "None",
            "null",
            "½",
            "1.",
            ".5",
            "1.2.3",
            "--1",
            "1-",
            "(1)",
            "1%",
            "€1",
        ),
        *(
            "\uff11",
            "\u0661",
            "\u0967",
            "1\u0660",
            "\u00b2",
            "\u2212" + "1",
            "1\u200b",
            "\ufeff1",
            "1\x00",
            "\uff11\uff12.\uff13\uff14",
        ),
        "9223372036854775808",
        "99999999999999999999",
        "1.0000000",
    ],
)
def test_anything_but_a_plain_decimal_number_is_refused(text):
    with pytest.raises(ValueError, match=r"is not a decimal number|is out of range"):
        parse_minor(text, decimals=6)


@pytest.mark.parametrize(("text", "decimals"), [("1.5", 0), ("0.001", 2), ("-0.001", 2), ("12.345", 2)])
def test_more_places_than_there_are_is_refused_not_rounded(text, decimals):
    with pytest.raises(ValueError, match=f"has more than {decimals} decimal places"):
        parse_minor(text, decimals=decimals)


@pytest.mark.parametrize("text", ["1000000000000001", "-1000000000000001", "9999999999999999"])
def test_more_than_a_thousand_billions_is_refused(text):
    with pytest.raises(ValueError, match="is out of range"):
        parse_minor(text, decimals=0)


@pytest.mark.parametrize(
    ("minor", "decimals", "text"),
    [
        (1234, 2, "12.34"),
        (5, 2, "0.05"),
        (-5, 2, "-0.05"),
        (0, 2, "0.00"),
        (7, 0, "7"),
        (-7, 0, "-7"),
        (1, 4, "0.0001"),
    ],
)
def test_minor_units_are_written_with_all_their_places(minor, decimals, text):
    assert format_minor(minor, decimals=decimals) == text


@given(minor=st.integers(-MAX_MINOR, MAX_MINOR), decimals=DECIMALS)
def test_what_is_written_is_read_back(minor, decimals):
    text = format_minor(minor, decimals=decimals)

    assert parse_minor(text, decimals=decimals) == minor
    assert Decimal(text) == Decimal(minor).scaleb(-decimals)


@given(text=st.text(max_size=20) | st.from_regex(r"[+-]?\d{0,18}[.,]?\d{0,8}", fullmatch=True), decimals=DECIMALS)
def test_what_is_read_at_all_is_what_it_says(text, decimals):
    try:
        minor = parse_minor(text, decimals=decimals)
    except ValueError:
        return
    assert text.isascii()
    assert Decimal(minor) == Decimal(text).scaleb(decimals)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (5, [2, 1, 2], [2, 1, 2]),
        (7, [50, 30, 20], [4, 2, 1]),
        (1, [1, 1], [1, 0]),
        (10, [0, 1, 0], [0, 10, 0]),
        (10, [0, 0], [10, 0]),
        (0, [3, 4], [0, 0]),
        (999, [1], [999]),
        (2, [1, 1, 1, 1], [1, 1, 0, 0]),
    ],
)
def test_a_total_is_split_by_largest_remainder_ties_to_the_first(total, weights, parts):
    assert allocate(total, weights) == parts


@given(total=st.integers(-MAX_MINOR, MAX_MINOR), weights=WEIGHTS)
def test_the_parts_sum_to_the_total_and_are_within_one_of_their_share(total, weights):
    parts = allocate(total, weights)

    assert sum(parts) == total
    assert len(parts) == len(weights)
    base = sum(weights)
    if base:
        shares = [Fraction(total * weight, base) for weight in weights]
        assert all(abs(part - share) < 1 for part, share in zip(parts, shares, strict=True))
        assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(total=st.integers(0, 10**6), weights=WEIGHTS)
def test_a_refund_is_split_as_its_sale_was(total, weights):
    assert allocate(-total, weights) == [-part for part in allocate(total, weights)]


@pytest.mark.parametrize("weights", [[], [-1], [3, -1], [-1, 1]])
def test_nothing_is_split_over_nothing_or_less(weights):
    with pytest.raises(ValueError, match="needs weights, none of them negative"):
        allocate(10, weights)
