"""What is answered about discounts."""

from collections.abc import Sequence

import msgspec

from campaigns.definitions import Discount
from campaigns.effect_sentences import effect_sentence, limit_sentence
from campaigns.engine import PriceCut
from campaigns.queries import money_of
from integrations.api.documents.values import AmountText, SafeInteger
from kernel.amounts import format_minor
from shops.models import Programme


class LineOffDocument(msgspec.Struct, frozen=True):
    """What a discount takes off one line."""

    line: SafeInteger
    amount: AmountText


class DiscountDocument(msgspec.Struct, frozen=True):
    """
    What one rule takes off, together and by line, and why. `desired` is more than `amount` where a limit left less.
    """

    campaign: str
    version: SafeInteger
    rule: str
    amount: AmountText
    desired: AmountText
    lines: list[LineOffDocument]
    why: str


def discount_documents(discounts: Sequence[PriceCut], programme: Programme) -> list[DiscountDocument]:
    """Discounts with their sentences."""

    def money(amount: int) -> str:
        return format_minor(amount, decimals=programme.currency_decimals)

    return [
        DiscountDocument(
            campaign=cut.campaign,
            version=cut.version,
            rule=cut.rule,
            amount=money(cut.amount),
            desired=money(cut.desired),
            lines=[LineOffDocument(no, money(amount)) for no, amount in cut.lines.items()],
            why=_why(cut, programme),
        )
        for cut in discounts
    ]


def _why(cut: PriceCut, programme: Programme) -> str:
    money = money_of(programme)
    text = effect_sentence(msgspec.convert(cut.effect, Discount), money)
    return f"{text}; {limit_sentence(cut.cut.limit, money)}" if cut.cut else text
