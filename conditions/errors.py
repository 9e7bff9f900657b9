"""Why a condition is refused."""

from kernel.errors import DomainError


class ConditionInvalid(DomainError):
    """The tree can't be understood. Facts: `pointer` into it, `problem`, `expected`."""

    code = "condition_invalid"
