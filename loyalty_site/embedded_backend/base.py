"""A connection that starts the embedded server when it finds none: the first time, and after a crash."""

from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base

from loyalty_site import embedded


class DatabaseWrapper(base.DatabaseWrapper):
    """Costs nothing while the server runs: only a refused connection asks whether it does."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            if embedded.is_running(settings.DATA_DIR):
                raise
            embedded.start(settings.DATA_DIR)
            return super().get_new_connection(conn_params)
