"""How the campaigns' sentences show money, points and numbers."""

from decimal import Decimal
from functools import lru_cache

import msgspec
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext

from conditions.sentences import Reader
from conditions.vocabulary import Vocabulary
from kernel.wording import money_text


class Money(msgspec.Struct, frozen=True):
    """How amounts of a currency are shown, and in the words of which programme conditions are."""

    currency: str
    decimals: int = 2
    programme_id: int | None = None

    def reader(self, words: Vocabulary) -> Reader:
        """Conditions in these words, and those of the programme."""
        return Reader(words.within(self.programme_id), self.show)

    def show(self, minor: int) -> str:
        return money_text(minor, currency=self.currency, decimals=self.decimals, language=get_language() or "en")


def shown(minor: int, decimals: int) -> str:
    """Minor units as a local number: 123456 with 2 decimals is "1,234.56" in English."""
    return number_format(Decimal(minor).scaleb(-decimals), decimals, use_l10n=True, force_grouping=True)


def plain_number(minor: int, decimals: int) -> str:
    """The same without the zeros that say nothing: 1500 with 3 decimals is "1.5"."""
    while decimals and minor % 10 == 0:
        minor, decimals = minor // 10, decimals - 1
    return shown(minor, decimals)


def points(minor: int, decimals: int = 0) -> str:
    """An amount of points with its word."""
    return _points(get_language() or "en", minor, decimals)


@lru_cache(maxsize=16_384)
def _points(_language: str, minor: int, decimals: int) -> str:
    return ngettext("%(amount)s point", "%(amount)s points", abs(minor) if decimals == 0 else 2) % {
        "amount": shown(minor, decimals)
    }
