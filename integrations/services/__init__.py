"""
Writes of the machines' room: keys, stored answers, webhooks.

Lock order: an Idempotency-Key first, before anything the request itself locks; a webhook before its deliveries.
"""
