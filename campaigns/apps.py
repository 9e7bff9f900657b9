"""Registers the room with Django."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        # Models can only be imported now.
        from campaigns import nightly, subscriber
        from events import outbox

        nightly.register()
        outbox.subscribe("campaigns", subscriber.on_events)
