"""Registers the room with Django."""

from django.apps import AppConfig


class LandingConfig(AppConfig):
    name = "landing"
