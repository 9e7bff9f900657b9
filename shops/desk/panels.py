"""
Parts of a record's page.

A record belongs to one room, what is known about it to many: a member's orders stand above the members' room. So a
page is made of panels, and a room above adds its own when it starts, as it declares fields to the condition language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from shops.desk.access import Access
from shops.policy import Act


class Place(StrEnum):
    """Where on the page: across it below the head, in the broad column, or beside it."""

    TOP = "top"
    MAIN = "main"
    SIDE = "side"


@dataclass(frozen=True, slots=True)
class Panel:
    """
    One part: `content(record, at)` gives the template its values; None leaves the part out.

    Panels of one place stand in the order of `position`. Who may do none of `acts` in the record's programme does not
    see it.
    """

    template: str
    content: Callable[[Any, datetime], Mapping[str, object] | None]
    acts: tuple[Act, ...]
    place: Place = Place.MAIN
    position: int = 50


@dataclass(frozen=True, slots=True)
class Filled:
    """A panel with its values."""

    template: str
    values: Mapping[str, object]


_panels: dict[str, list[Panel]] = {}


def add(record: str, *panels: Panel) -> None:
    """Add panels to the page of a model, named as in `members.Member`; called once while the app starts."""
    _panels.setdefault(record.lower(), []).extend(panels)


def filled(
    record: str, instance: object, *, programme_id: int, access: Access, at: datetime
) -> dict[str, list[Filled]]:
    """The panels that may be seen, with their values, by place."""
    places: dict[str, list[Filled]] = {place.value: [] for place in Place}
    for panel in sorted(_panels.get(record.lower(), []), key=lambda panel: panel.position):
        if not access.allows(*panel.acts, programme_id=programme_id):
            continue
        values = panel.content(instance, at)
        if values is not None:
            places[panel.place].append(Filled(panel.template, values))
    return places
