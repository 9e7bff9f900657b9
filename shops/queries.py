"""Which programme a page is about."""

from shops.models import Programme


def programme_on_show(key: str | None = None) -> Programme | None:
    """The programme with this key; without one the first live programme, or the first of all while none is live."""
    if key is not None:
        return Programme.objects.filter(key=key).first()
    live_first = Programme.objects.order_by("mode", "pk")
    return live_first.first()
