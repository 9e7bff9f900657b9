"""
Declaring types of events, and registering events.

Lock order: one type, or references in sorted order.
"""

from orders.events.declaring import (
    add_attribute,
    attributes_of,
    declare_type,
    has_happened,
    retire_attribute,
    retire_type,
)
from orders.events.registering import (
    EventCircumstances,
    RegisteredEvent,
    event_circumstances_of,
    register_events,
)

__all__ = [
    "EventCircumstances",
    "RegisteredEvent",
    "add_attribute",
    "attributes_of",
    "declare_type",
    "event_circumstances_of",
    "has_happened",
    "register_events",
    "retire_attribute",
    "retire_type",
]
