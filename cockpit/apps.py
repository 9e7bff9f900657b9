"""Registers the room with Django."""

from django.apps import AppConfig


class CockpitConfig(AppConfig):
    name = "cockpit"
