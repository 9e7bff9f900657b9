"""The queue's application: `celery -A loyalty_site worker`, `celery -A loyalty_site beat`."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_ready
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty_site.settings")

app = Celery("laurel")
app.set_default()
app.config_from_object(settings.CELERY)
app.autodiscover_tasks()


def log_like_the_web(**_: Any) -> None:
    """Keep Celery from setting up logging of its own."""
    logging.config.dictConfig(settings.LOGGING)


def show_life(sender: Any, **_: Any) -> None:
    """Send the first heartbeat through the queue at once, so that nobody waits for the scheduler's."""
    sender.app.send_task("loyalty_site.tasks.beat_heart")


setup_logging.connect(log_like_the_web)
worker_ready.connect(show_life)
