"""Connections to the database."""

import select
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base, creation

from loyalty_site import embedded, embedded_roles


class DatabaseCreation(creation.DatabaseCreation):
    """Makes test databases for the role that migrates them."""

    def sql_table_creation_suffix(self) -> str:
        suffix = super().sql_table_creation_suffix()
        owner = settings.DATABASE_OWNER.get("USER")
        if not owner:
            return suffix
        return f"{suffix or 'WITH'} OWNER {self.connection.ops.quote_name(owner)}"


class DatabaseWrapper(base.DatabaseWrapper):
    """Starts the embedded server when it finds none: the first time, and after a crash."""

    creation_class = DatabaseCreation

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            # Costs nothing while the server runs: only a refused connection asks whether it does.
            if not settings.EMBEDDED_DATABASE:
                raise
            if embedded_roles.are_missing(error):
                embedded_roles.make_roles(embedded.uri(settings.DATA_DIR))
            elif embedded.is_running(settings.DATA_DIR):
                raise
            else:
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
