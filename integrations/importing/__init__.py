"""Order histories from files: streamed, in batches, resumable, with a report of every row that could not be taken."""

from integrations.importing.formats import FORMATS, Format, Slice

__all__ = ["FORMATS", "Format", "Slice"]
