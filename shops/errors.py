"""Why the shops' room refuses."""

from kernel.errors import DomainError


class TooManyAttempts(DomainError):
    """Too many failed sign-ins. Facts: `until`, the instant from which another try is looked at."""

    code = "too_many_attempts"


class ProgrammeExists(DomainError):
    """The key is taken. Facts: `key`."""

    code = "programme_exists"


class LastOwner(DomainError):
    """The last system owner of a programme can't be taken away. Facts: `programme`."""

    code = "last_owner"


class AttributeInvalid(DomainError):
    """An attribute's key can't be or is taken (`is_taken`), or its default is no value of its type."""

    code = "attribute_invalid"
