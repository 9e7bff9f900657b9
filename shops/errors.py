"""Why the shops' room refuses."""

from kernel.errors import DomainError


class TooManyAttempts(DomainError):
    """Too many failed sign-ins. Facts: `until`, the instant from which another try is looked at."""

    code = "too_many_attempts"
