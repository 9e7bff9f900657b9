"""Why a document was refused, in a sentence for the report."""

from integrations.api.refusals import Refusal, refusal_of
from integrations.problems import kind_of
from kernel.errors import DomainError


def problem_of(error: DomainError | Refusal, *, decimals: int) -> str:
    """What is wrong and, as far as it is known, where and what was expected; amounts with `decimals` places."""
    refusal = error if isinstance(error, Refusal) else refusal_of(error, decimals)
    title = kind_of(refusal.code).title
    details = [f"{fault.pointer.removeprefix('#')}: {fault.detail}" for fault in refusal.faults]
    details += [f"{name} {value}" for name, value in refusal.facts.items()]
    return f"{title}: {'; '.join(details)}" if details else f"{title}."
