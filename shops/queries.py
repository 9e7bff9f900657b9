"""Which programme a page is about, and which shops it has."""

from collections.abc import Collection
from dataclasses import dataclass

from roundtrips import Question
from shops.models import Programme


def programme_on_show(key: str | None = None) -> Programme | None:
    """The programme with this key; without one the first live programme, or the first of all while none is live."""
    if key is not None:
        return Programme.objects.filter(key=key).first()
    live_first = Programme.objects.order_by("mode", "pk")
    return live_first.first()


@dataclass(frozen=True, slots=True)
class FoundShop:
    """A shop that a code names; `time_zone` is empty for the programme's."""

    id: int
    time_zone: str


def shops_named(programme_id: int, codes: Collection[str]) -> Question[dict[str, FoundShop]]:
    """Those shops of a programme that codes name, by code; unknown codes are left out."""
    if not codes:
        return Question((), (), lambda _: {})
    return Question(
        (
            """(SELECT json_object_agg(code, json_build_array(id, time_zone)) FROM shops_shop
                WHERE programme_id = %s AND code = ANY (%s::text[]))""",
        ),
        (programme_id, sorted(codes)),
        lambda row: {code: FoundShop(*found) for code, found in (row[0] or {}).items()},
    )
