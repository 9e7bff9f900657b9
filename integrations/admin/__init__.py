"""Keys, webhooks, deliveries and events, for system owners."""

from integrations.admin import keys, outbox, webhooks

__all__ = ["keys", "outbox", "webhooks"]
