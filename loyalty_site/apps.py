"""Registers the composition root with Django: its checks and the queue that all tasks belong to."""

from django.apps import AppConfig


class LoyaltySiteConfig(AppConfig):
    name = "loyalty_site"
    verbose_name = "Laurel"

    def ready(self) -> None:
        # Both need loaded settings, and register themselves when imported.
        from loyalty_site import celery, checks  # noqa: F401
