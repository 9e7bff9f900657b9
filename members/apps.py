"""Registers the room with Django."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        # Models can only be imported now.
        from members import nightly

        nightly.register()
        from events import outbox
        from members.households import automatic

        outbox.subscribe("members", automatic.on_events)
