"""Why the machines' room refuses."""

from kernel.errors import DomainError


class KeyInvalid(DomainError):
    """The key is unknown, revoked, or its time is over; which of these is nobody's business. No facts."""

    code = "key_invalid"


class RateExceeded(DomainError):
    """The key used up its requests of this minute. Facts: `retry_after`, in seconds."""

    code = "rate_exceeded"


class IdempotencyKeyReused(DomainError):
    """The Idempotency-Key already stands for another request. Facts: `key`."""

    code = "idempotency_key_reused"


class OperationInProgress(DomainError):
    """The first request with this Idempotency-Key is still at work. Facts: `key`."""

    code = "operation_in_progress"


class TargetRefused(DomainError):
    """A webhook may not go to this address. Facts: `url`, `problem`, `expected`."""

    code = "target_refused"


class EventTypeUnknown(DomainError):
    """No event has this type. Facts: `type`."""

    code = "event_type_unknown"


class PeriodInvalid(DomainError):
    """A period ends before it begins, or lies where no calendar goes. Facts: `since`, `until`."""

    code = "period_invalid"


class UnitUnknown(DomainError):
    """The programme has no such unit. Facts: `unit`."""

    code = "unit_unknown"


class UnitNotSpendable(DomainError):
    """The unit counts towards something and buys nothing. Facts: `unit`."""

    code = "unit_not_spendable"


class AmountInvalid(DomainError):
    """The unit can't be counted so. Facts: `unit`, `amount` as it was sent, `decimals` of the unit."""

    code = "amount_invalid"
