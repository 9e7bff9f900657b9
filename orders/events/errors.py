"""Why an event or a type of events is refused."""

from kernel.errors import DomainError


class EventContradicted(DomainError):
    """The reference is known with another content; nothing was written. Facts: `source`, `reference`."""

    code = "event_contradicted"


class EventInvalid(DomainError):
    """The event does not fit its type or the programme. Facts: `pointer` into the event, `problem`, `expected`."""

    code = "event_invalid"


class EventTypeExists(DomainError):
    """The programme has a type with this key. Facts: `key`."""

    code = "event_type_exists"


class EventTypeInvalid(DomainError):
    """A type can't be declared like this. Facts: `pointer` into the type, `problem`, `expected`."""

    code = "event_type_invalid"
