"""`manage.py write_reference`: docs/openapi.yaml and docs/events.md, from the code."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from events import reference as events
from integrations import reference as integrations

PAGES = {"openapi.yaml": integrations.openapi, "events.md": events.page}


class Command(BaseCommand):
    help = "Write the OpenAPI document and the event catalogue into docs/."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        for name, write in PAGES.items():
            file = Path(settings.BASE_DIR) / "docs" / name
            file.write_text(write(), encoding="utf-8")
            self.stdout.write(f"docs/{name}")
