"""What is answered about exchanges."""

import msgspec

from integrations.api.documents.values import AmountText, SafeInteger
from kernel.amounts import format_minor
from ledger.queries import ConversionTerms
from ledger.services import Converted


class AmountOfUnit(msgspec.Struct, frozen=True):
    """An amount of a unit."""

    unit: str
    amount: AmountText


class ExchangeTerms(msgspec.Struct, frozen=True):
    """Each whole `chunk` becomes what it `gives`; `is_automatic` is done for everybody each night."""

    chunk: AmountOfUnit
    gives: AmountOfUnit
    is_automatic: bool


class ExchangeTermsList(msgspec.Struct, frozen=True):
    """All that members can exchange."""

    results: list[ExchangeTerms]


class ExchangeDocument(msgspec.Struct, frozen=True):
    """What an exchange did."""

    member: str
    posting: SafeInteger
    chunks: SafeInteger
    taken: AmountOfUnit
    given: AmountOfUnit


def terms_document(terms: ConversionTerms) -> ExchangeTerms:
    """The terms as they are now."""
    return ExchangeTerms(
        AmountOfUnit(terms.source_unit.code, format_minor(terms.chunk, decimals=terms.source_unit.decimals)),
        AmountOfUnit(terms.target_unit.code, format_minor(terms.gives, decimals=terms.target_unit.decimals)),
        terms.is_automatic,
    )


def exchange_document(done: Converted, terms: ConversionTerms, *, number: str) -> ExchangeDocument:
    """The answer to `POST /exchanges`; `number` is the member's."""
    return ExchangeDocument(
        member=number,
        posting=done.posting_id,
        chunks=done.chunks,
        taken=AmountOfUnit(terms.source_unit.code, format_minor(done.taken, decimals=terms.source_unit.decimals)),
        given=AmountOfUnit(terms.target_unit.code, format_minor(done.given, decimals=terms.target_unit.decimals)),
    )
