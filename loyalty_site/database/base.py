"""Connections to the database."""

import select
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base

from loyalty_site import embedded


class DatabaseWrapper(base.DatabaseWrapper):
    """Starts the embedded server when it finds none: the first time, and after a crash."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            # Costs nothing while the server runs: only a refused connection asks whether it does.
            if not settings.EMBEDDED_DATABASE or embedded.is_running(settings.DATA_DIR):
                raise
            embedded.start(settings.DATA_DIR)
            return super().get_new_connection(conn_params)

    def is_usable(self) -> bool:
        """
        Say whether the server has not hung up, without asking it: what it says unasked waits in the socket.

        Django asks with a statement before the first use of every request, which is one round trip of ten.
        """
        if self.connection is None or self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0)
