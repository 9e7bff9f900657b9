"""Cells that spreadsheets would take for formulas."""

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """The text as it may stand in a CSV file: an apostrophe keeps a spreadsheet from computing it."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def as_typed(text: str) -> str:
    """What `harmless` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_DANGEROUS) else text
