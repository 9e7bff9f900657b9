"""Which programme a page is about, and which shops it has."""

from collections.abc import Collection

from roundtrips import Question
from shops.models import Programme


def programme_on_show(key: str | None = None) -> Programme | None:
    """The programme with this key; without one the first live programme, or the first of all while none is live."""
    if key is not None:
        return Programme.objects.filter(key=key).first()
    live_first = Programme.objects.order_by("mode", "pk")
    return live_first.first()


def shop_ids(programme_id: int, codes: Collection[str]) -> Question[dict[str, int]]:
    """The ids of those shops of a programme that codes name; unknown codes are left out."""
    if not codes:
        return Question((), (), lambda _: {})
    return Question(
        ("(SELECT json_object_agg(code, id) FROM shops_shop WHERE programme_id = %s AND code = ANY (%s::text[]))",),
        (programme_id, sorted(codes)),
        lambda row: row[0] or {},
    )
