"""Registers the room with Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        # Models can only be imported now.
        from ledger.nightly import own_steps

        own_steps.register()
