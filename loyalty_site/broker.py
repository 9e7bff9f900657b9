"""Where Celery's messages wait: in the same PostgreSQL, unless a broker is named."""

from typing import Any

from psycopg.conninfo import make_conninfo

# A message taken by a worker that died comes back after this; so no task may run longer, nor be planned further ahead.
VISIBILITY_SECONDS = 1800


def inside(database: dict[str, Any]) -> dict[str, Any]:
    """Celery's settings for PGMQ inside Django's `database`."""
    # libpq's own form: the transport drops ?host= and sslmode from an address, and would read DATABASE_URL by itself.
    address = {
        "host": database.get("HOST"),
        "port": database.get("PORT"),
        "dbname": database["NAME"],
        "user": database.get("USER"),
        "password": database.get("PASSWORD"),
    }
    tls = {name: value for name, value in database.get("OPTIONS", {}).items() if name.startswith("ssl")}
    return {
        "broker_url": "pgmq://localhost//",
        "broker_transport_options": {
            "conn_string": make_conninfo(**{name: value for name, value in (address | tls).items() if value}),
            "init_extension": False,
            "visibility_timeout": VISIBILITY_SECONDS,
            "wait_time_seconds": 0,
            "polling_interval": 0.2,
            "pool_size": 2,
            "pool_timeout": 5,
        },
        # Remote control does not work on PGMQ; the worker tells that it lives by Heartbeat instead.
        "worker_enable_remote_control": False,
    }
