"""Registers the room with Django."""

from django.apps import AppConfig


class ShopsConfig(AppConfig):
    name = "shops"
