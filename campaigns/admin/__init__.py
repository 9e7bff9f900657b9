"""Campaigns for the desk: what they do, since when, and why somebody has the points they have."""

from campaigns.admin import explaining, page, statement

__all__ = ["explaining", "page", "statement"]
