"""Amounts and days as people of a language write them. `language` is a code such as "de" or "pt-br"."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal


def number_text(minor: int, *, decimals: int = 0, language: str) -> str:
    """Minor units as a number: `(1234500, decimals=2, language="de")` is "12.345"."""
    return format_decimal(Decimal(minor).scaleb(-decimals), locale=_locale(language), decimal_quantization=False)


def signed_text(minor: int, *, decimals: int = 0, language: str) -> str:
    """`number_text` with its sign always shown; the minus is the typographic one."""
    sign = "−" if minor < 0 else "+"  # noqa: RUF001  # people read a minus, not a hyphen
    return sign + number_text(abs(minor), decimals=decimals, language=language)


# The library takes as long for one amount as the engine for ten orders, and most amounts are said again soon.
@lru_cache(maxsize=16_384)
def money_text(minor: int, *, currency: str, decimals: int, language: str) -> str:
    """Minor units of a currency (ISO 4217): `(1250, currency="EUR", decimals=2, language="de")` is "12,50 €"."""
    return format_currency(Decimal(minor).scaleb(-decimals), currency, locale=_locale(language))


def day_text(day: date, *, language: str) -> str:
    """A day, written out: "31 December 2026"."""
    return format_date(day, "long", locale=_locale(language))


def near_day_text(day: date, *, language: str) -> str:
    """A day so near that its year goes without saying: "31 December"."""
    return format_skeleton("MMMMd", day, locale=_locale(language))


def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")
