"""The one base of every refusal: a stable code and its facts, no wording, no HTTP."""

from typing import ClassVar


class DomainError(Exception):
    """A use case refused; `code` names why for machines, `facts` holds the numbers and names."""

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code}({shown})"
