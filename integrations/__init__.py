"""Machines: REST API v1, API keys, outgoing webhooks."""
