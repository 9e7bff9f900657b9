"""Refusals of events."""

from integrations.problem_kind import Kind

HAPPENING = (
    Kind(
        "event_contradicted",
        409,
        "This event is known with another content",
        "An event with the same source and reference was accepted before, with a different content. Nothing changed.",
        "Events are facts and never edited: give what happened anew its own reference.",
    ),
    Kind(
        "event_invalid",
        422,
        "The event does not fit its type",
        "The event is well-formed and its type, shop or payload is not what the programme declared.",
        "`errors` names the place and what was expected there; `/event-types` lists what each type may carry.",
    ),
)
