"""docs/events.md, written from the catalogue."""

from typing import Any

import msgspec

from events.catalogue import TYPES, EventType

_HEAD = """\
# Events

What happens in Laurel is written down as a fact in the transaction that makes it true, and told to webhooks within
seconds. This page is written from `events/catalogue.py` by `make reference`; a test compares the two.

Every message has this shape, and the headers of [Standard Webhooks](https://www.standardwebhooks.com):

```json
{"type": "points.accrued", "version": 1, "timestamp": "2026-03-14T12:00:00Z", "data": {"...": "..."}}
```

`timestamp` is when it happened, not when it was sent. Messages may arrive more than once and in any order:
`webhook-id` is the same whenever the same event is sent, so keep the ids you have seen. A new field is no new version,
so ignore the ones you do not know. Amounts are decimal strings. Nothing here names a person: ask the API what you need
by member number.
"""


def page() -> str:
    """The whole page."""
    public = [event for event in TYPES.values() if event.public]
    inner = [event for event in TYPES.values() if not event.public]
    overview = [
        "| type | happens |",
        "|---|---|",
        *(f"| [`{e.name}`](#{_anchor(e.name)}) | {e.happens} |" for e in public),
    ]
    kept = ["## Kept in the house", "", "These are recorded and sent to nobody.", "", "| type | happens |", "|---|---|"]
    kept += [f"| `{event.name}` | {event.happens} |" for event in inner]
    parts = [_HEAD, "\n".join(overview), *(_section(event) for event in public), "\n".join(kept)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _section(event: EventType) -> str:
    _, components = msgspec.json.schema_components([event.payload], ref_template="{name}")
    schema = components[event.payload.__name__]
    rows = [
        f"| `{name}` | {_type(field, components)} | {field.get('description', '')} |" for name, field in _fields(schema)
    ]
    table = ["| field of `data` | type | |", "|---|---|---|", *rows]
    return f"## {event.name}\n\n{event.happens} Version {event.version}.\n\n" + "\n".join(table)


def _fields(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [*schema["properties"].items()]


def _type(field: dict[str, Any], components: dict[str, Any]) -> str:
    if "$ref" in field:
        inside = ", ".join(f"`{name}`" for name, _ in _fields(components[field["$ref"]]))
        return f"object: {inside}"
    if "anyOf" in field:
        return " or ".join(_type(option, components) for option in field["anyOf"])
    return "instant" if field.get("format") == "date-time" else str(field["type"])


def _anchor(name: str) -> str:
    return name.replace(".", "")
