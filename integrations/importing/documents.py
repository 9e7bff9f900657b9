"""What a file holds: documents in the order of their time."""

import msgspec

from orders.facts import OrderDraft, ReturnDraft


class Left(msgspec.Struct, frozen=True):
    """
    A document that is neither a purchase nor a return and is left out on purpose; `reason` is counted in the summary.
    """

    reference: str
    reason: str


class Fault(msgspec.Struct, frozen=True):
    """A row that can't be read: `problem` says what is wrong and what was expected."""

    row: int
    problem: str


class Broken(msgspec.Struct, frozen=True):
    """A document with rows that can't be read; it is left out whole."""

    reference: str
    faults: tuple[Fault, ...]


class Bought(msgspec.Struct, frozen=True):
    """A purchase; `row` is where the file has its first line, `lines` how many file lines it takes."""

    draft: OrderDraft
    row: int
    lines: int


class Returned(msgspec.Struct, frozen=True):
    """A return; `row` is where the file has its first line, `lines` how many file lines it takes."""

    draft: ReturnDraft
    row: int
    lines: int


Document = Bought | Returned | Left | Broken
