"""Registers the room with Django."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from events import outbox
        from integrations import subscriber

        # drf-spectacular finds its extensions when they are imported.
        from integrations.api import schema  # noqa: F401

        outbox.subscribe(self.name, subscriber.on_events)
