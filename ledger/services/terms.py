"""Terms of conversions, as marketers set them; they count from now on."""

from dataclasses import dataclass

from ledger.models import ConversionTerms, Unit


@dataclass(frozen=True, slots=True)
class NewTerms:
    """Each whole `chunk` becomes `gives`, in minor units of either unit."""

    chunk: int
    gives: int
    is_offered: bool
    is_automatic: bool


def add_conversion(*, source: Unit, target: Unit, terms: NewTerms) -> ConversionTerms:
    """Let a unit become another. The database refuses a second conversion between the same two."""
    return ConversionTerms.objects.create(
        source_unit=source,
        target_unit=target,
        chunk=terms.chunk,
        gives=terms.gives,
        is_offered=terms.is_offered,
        is_automatic=terms.is_automatic,
    )


def change_conversion(*, conversion: ConversionTerms, terms: NewTerms) -> None:
    """Change the terms; what was converted keeps those it was converted by."""
    conversion.chunk, conversion.gives = terms.chunk, terms.gives
    conversion.is_offered, conversion.is_automatic = terms.is_offered, terms.is_automatic
    conversion.save(update_fields=["chunk", "gives", "is_offered", "is_automatic"])
