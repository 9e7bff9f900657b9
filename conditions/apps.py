"""Registers the room with Django, and the words of time with the condition language."""

from django.apps import AppConfig


class ConditionsConfig(AppConfig):
    name = "conditions"

    def ready(self) -> None:
        from conditions import clock  # apps must be loaded before translations are marked

        clock.declare()
