"""The embedded PostgreSQL starts by itself, survives what can happen to it, and explains what it can't survive."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from loyalty_site import embedded
from loyalty_site.embedded import EmbeddedError


@pytest.fixture
def data_dir():
    folder = Path(tempfile.mkdtemp(prefix="laurel-test-"))
    yield folder
    embedded.stop(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def shared_dir():
    folder = Path(tempfile.mkdtemp(prefix="laurel-test-"))
    embedded.start(folder)
    yield folder
    embedded.stop(folder)
    shutil.rmtree(folder)


def ask(data_dir: Path, question: str) -> str:
    with psycopg.connect(embedded.uri(data_dir)) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return str(row[0])


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def kill(data_dir: Path) -> None:
    os.kill(server_pid(data_dir), signal.SIGKILL)
    wait_until(lambda: not embedded.is_running(data_dir))


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_is_made_started_and_stopped(data_dir):
    started = embedded.start(data_dir)

    assert started is True
    assert ask(data_dir, "select 1 + 1") == "2"
    assert embedded.stop(data_dir) is True
    assert embedded.is_running(data_dir) is False
    assert embedded.stop(data_dir) is False


def test_a_second_start_leaves_it_alone(shared_dir):
    before = server_pid(shared_dir)

    started = embedded.start(shared_dir)

    assert started is False
    assert server_pid(shared_dir) == before


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("show fsync", "on"),
        ("show full_page_writes", "on"),
        ("show synchronous_commit", "on"),
        ("show listen_addresses", ""),
        ("show data_checksums", "on"),
        ("show server_encoding", "UTF8"),
        ("select lower('ÄÖŞ')", "äöş"),
        ("select count(*) from (values ('a'), ('B')) as t(c) having min(c) = 'B'", "2"),
    ],
)
def test_it_keeps_what_it_acknowledged_talks_to_nobody_outside_and_sorts_the_same_everywhere(
    question, answer, shared_dir
):
    assert ask(shared_dir, question) == answer


def test_only_its_owner_reaches_it(shared_dir):
    folder = embedded.socket_dir(shared_dir)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / ".s.PGSQL.5432").stat().st_mode) == 0o700


def test_processes_that_start_it_together_get_one_server(data_dir):
    with ThreadPoolExecutor(8) as processes:
        started = list(processes.map(lambda _: embedded.start(data_dir), range(8)))

    assert started.count(True) == 1
    assert ask(data_dir, "select 1") == "1"


def test_it_comes_back_after_a_kill_with_what_it_had_acknowledged(data_dir):
    embedded.start(data_dir)
    with psycopg.connect(embedded.uri(data_dir), autocommit=True) as connection:
        connection.execute("create table kept as select 42 as answer")

        kill(data_dir)

    assert embedded.start(data_dir) is True
    assert ask(data_dir, "select answer from kept") == "42"


def test_its_number_given_to_another_program_after_a_power_cut_does_not_stop_it(data_dir):
    embedded.start(data_dir)
    lock_file = data_dir / "postgres" / "postmaster.pid"
    left_behind = lock_file.read_text()
    embedded.stop(data_dir)
    lock_file.write_text(left_behind.replace(left_behind.split("\n")[0], str(os.getpid()), 1))

    assert embedded.is_running(data_dir) is False
    assert embedded.start(data_dir) is True
    assert ask(data_dir, "select 1") == "1"


def test_it_is_started_again_while_somebody_else_still_stops_it(data_dir):
    embedded.start(data_dir)
    held = psycopg.connect(embedded.uri(data_dir))
    # A polite stop: it waits for this connection to end, and lets nobody else in.
    os.kill(server_pid(data_dir), signal.SIGTERM)
    wait_until(lambda: not embedded.is_running(data_dir))

    with ThreadPoolExecutor(1) as somebody:
        started = somebody.submit(embedded.start, data_dir)
        time.sleep(0.5)
        is_waiting = not started.done()
        held.close()

    assert is_waiting
    assert started.result() is True
    assert ask(data_dir, "select 1") == "1"


def test_an_interrupted_first_start_is_begun_anew(data_dir):
    half_made = data_dir / "postgres.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18")

    assert embedded.start(data_dir) is True
    assert not half_made.exists()


def test_a_path_too_long_for_a_socket_gets_a_short_one_of_its_own():
    folder = Path(tempfile.mkdtemp(prefix="laurel-test-")) / ("long" * 25)

    try:
        embedded.start(folder)

        assert embedded.socket_dir(folder).parent == Path(tempfile.gettempdir())
        assert stat.S_IMODE(embedded.socket_dir(folder).stat().st_mode) == 0o700
        assert ask(folder, "select 1") == "1"
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder.parent)
        shutil.rmtree(embedded.socket_dir(folder))


def test_a_socket_folder_that_somebody_else_opened_is_refused():
    folder = Path(tempfile.mkdtemp(prefix="laurel-test-")) / ("long" * 25)
    trap = embedded.socket_dir(folder)
    trap.mkdir()
    trap.chmod(0o777)

    try:
        with pytest.raises(EmbeddedError, match=r"is open to other users: remove it and start again\.$"):
            embedded.start(folder)

        assert embedded.is_running(folder) is False
    finally:
        shutil.rmtree(folder.parent)
        shutil.rmtree(trap)


def test_a_folder_that_can_not_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(EmbeddedError, match=r"^Can't write to .*/file/data .*: set LAUREL_DATA_DIR"):
        embedded.start(tmp_path / "file" / "data")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_runs_the_server_of_another_user_as_that_user(data_dir):
    embedded.start(data_dir)
    embedded.stop(data_dir)
    for file in [data_dir / "postgres", *(data_dir / "postgres").rglob("*")]:
        shutil.chown(file, "nobody", "nogroup")

    embedded.start(data_dir)

    assert psutil.Process(server_pid(data_dir)).username() == "nobody"
    assert ask(data_dir, "select 1") == "1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_server_that_root_made_is_not_started_by_others(data_dir):
    embedded.start(data_dir)
    embedded.stop(data_dir)
    data_dir.chmod(0o777)
    (data_dir / "postgres.lock").chmod(0o666)

    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        with pytest.raises(EmbeddedError, match=r"/postgres belongs to pgserver: start Laurel as root or as that user"):
            embedded.start(data_dir)
    finally:
        os.seteuid(0)


def test_a_full_disk_is_said_before_anything_is_written(data_dir, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**30, 2**30, 5 * 2**20))

    with pytest.raises(EmbeddedError, match=r"has 5 MB left and PostgreSQL needs 200 MB: make room"):
        embedded.start(data_dir)

    assert [file.name for file in data_dir.iterdir()] == ["postgres.lock"]


def test_what_the_server_complained_about_is_passed_on(data_dir):
    embedded.start(data_dir)
    embedded.stop(data_dir)
    with (data_dir / "postgres" / "postgresql.conf").open("a") as configuration:
        configuration.write("\nshared_preload_libraries = 'no_such_library'\n")

    with pytest.raises(EmbeddedError, match=r'^PostgreSQL did not start: could not access file "no_such_library"'):
        embedded.start(data_dir)


def test_a_connection_starts_it_when_it_is_gone(data_dir):
    embedded.start(data_dir)
    kill(data_dir)

    answer = ask_through_django(data_dir)

    assert answer == 2


def ask_through_django(data_dir: Path) -> int:
    """In a process of its own, as settings are read once."""
    program = (
        "import django; django.setup(); from django.db import connection; c = connection.cursor(); "
        "c.execute('select 1 + 1'); print(c.fetchone()[0])"
    )
    environment = {**os.environ, "LAUREL_DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "loyalty_site.settings"}
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return int(answer.stdout)
