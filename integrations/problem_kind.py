"""What a problem is, for the tables of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. `title` is the same in every case; `meaning` and `remedy` are for the documentation."""

    code: str
    status: int
    title: str
    meaning: str
    remedy: str
