"""Registers the room with Django and its fields with the condition language."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from orders import context, tier_metrics, vocabulary  # apps must be loaded before translations are marked
        from orders.events import occasions

        vocabulary.declare()
        occasions.declare()
        context.declare()
        tier_metrics.register()
