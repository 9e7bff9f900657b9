"""Amounts and days read as each language writes them."""

from datetime import date

import pytest

from kernel.wording import day_text, money_text, near_day_text, number_text, signed_text


@pytest.mark.parametrize(
    ("language", "text"), [("en", "1,234.5"), ("de", "1.234,5"), ("tr", "1.234,5"), ("id", "1.234,5")]
)
def test_a_number_is_grouped_and_keeps_only_the_places_it_has(language, text):
    assert number_text(123450, decimals=2, language=language) == text


@pytest.mark.parametrize(("minor", "text"), [(80, "+80"), (-80, "−80"), (0, "+0")])  # noqa: RUF001  # a real minus
def test_a_signed_number_always_shows_its_sign(minor, text):
    assert signed_text(minor, language="en") == text


@pytest.mark.parametrize(
    ("currency", "decimals", "language", "text"),
    [
        ("EUR", 2, "en", "€12.50"),
        ("EUR", 2, "de", "12,50\N{NO-BREAK SPACE}€"),
        ("IDR", 2, "id", "Rp12,50"),
        ("JPY", 0, "en", "¥1,250"),
    ],
)
def test_money_is_written_as_the_language_does(currency, decimals, language, text):
    assert money_text(1250, currency=currency, decimals=decimals, language=language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "December 31, 2026"), ("de", "31. Dezember 2026"), ("tr", "31 Aral\N{LATIN SMALL LETTER DOTLESS I}k 2026")],
)
def test_a_day_is_written_out(language, text):
    assert day_text(date(2026, 12, 31), language=language) == text


@pytest.mark.parametrize(("language", "text"), [("en", "December 31"), ("de", "31. Dezember"), ("id", "31 Desember")])
def test_a_near_day_goes_without_its_year(language, text):
    assert near_day_text(date(2026, 12, 31), language=language) == text
