"""Registers the room with Django."""

from django.apps import AppConfig


class RewardsConfig(AppConfig):
    name = "rewards"
