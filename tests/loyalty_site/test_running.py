"""`make run` from an empty folder to a clean stop, and every reason it may have not to start, with real processes."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from loyalty_site import embedded
from tests.loyalty_site.sites import Site, environment_of, free_port, start


def refusal(data_dir: Path, *arguments: str, **variables: str) -> str:
    """Try to start where that can't work; return what was said, which must be no traceback."""
    command = [sys.executable, "-m", "loyalty_site.run", "--port", str(free_port()), *arguments]
    environment = environment_of(data_dir, **variables)
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert finished.returncode == 1, finished.stdout
    assert "Traceback" not in finished.stderr
    return finished.stderr.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="laurel-run-"))
    yield folder / "data"
    embedded.stop(folder / "data")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def site(data_dir: Path) -> Iterator[Site]:
    site = start(data_dir)
    site.wait_for("Laurel is running.")
    yield site
    if site.process.poll() is None:
        site.stop()


@pytest.fixture
def prepared(site: Site, data_dir: Path) -> Path:
    """A folder whose database is up to date, with nothing running in it."""
    if site.process.poll() is None:
        site.stop()
    return data_dir


def test_it_starts_from_nothing_and_says_where_to_go(site):
    site.wait_for("Ctrl-C stops everything.")

    for words in (f"http://localhost:{site.port}/me/", "/counter/", "/admin/", "/api/docs/", "/inbox/"):
        assert words in site.said
    for who in ("Marketer", "Cashier", "Customer"):
        assert who in site.said
    assert "Traceback" not in site.said


def test_it_is_ready_with_its_worker(site):
    status, body = site.get("/health/ready")

    assert (status, json.loads(body)) == (200, {"database": "ok", "migrations": "ok", "worker": "ok"})


def test_web_server_worker_and_scheduler_serve_as_the_role_that_owns_nothing(site, data_dir):
    assert json.loads(site.get("/health/ready")[1])["worker"] == "ok"

    with psycopg.connect(embedded.uri(data_dir)) as database:
        roles = database.execute(
            "select usename, application_name = 'laurel', count(*) from pg_stat_activity"
            " where backend_type = 'client backend' and pid <> pg_backend_pid() group by 1, 2 order by 1, 2"
        ).fetchall()
        owners = database.execute(
            "select distinct tableowner from pg_tables where schemaname in ('public', 'pgmq')"
        ).fetchall()

    # Connections to the tables, and those to the queue.
    assert [(role, to_tables) for role, to_tables, _ in roles] == [("laurel_app", False), ("laurel_app", True)]
    # One of the web server, one of each of the worker's processes, one of the scheduler.
    assert sum(count for _, _, count in roles) >= 3
    assert owners == [("laurel_owner",)]


def test_pages_and_their_files_are_served(site):
    status, page = site.get("/admin/login/")

    assert status == 200
    files = [part.split('"')[0] for part in page.split('="/static/')[1:]]
    assert files
    assert {site.get(f"/static/{file}")[0] for file in files} == {200}


def test_a_second_one_in_the_same_folder_is_refused(site, data_dir):
    said = refusal(data_dir)

    assert said.startswith(
        f"Laurel did not start. It already runs from this folder, as process {site.process.pid}: stop that with Ctrl-C"
    )
    assert site.get("/health/live")[0] == 200


def test_a_taken_port_is_refused(site, tmp_path):
    said = refusal(tmp_path, "--port", str(site.port))

    assert said.startswith(f"Laurel did not start. Port {site.port} is in use by another program")
    assert not (tmp_path / "postgres").exists()


def test_a_killed_database_comes_back_and_pages_with_it(site, data_dir):
    postmaster = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])

    os.kill(postmaster, signal.SIGKILL)

    deadline = time.monotonic() + 30
    while (answer := site.get("/health/ready"))[0] != 200:
        assert time.monotonic() < deadline, answer
        time.sleep(0.2)
    assert site.get("/accounts/login/")[0] == 200


def test_a_killed_worker_is_started_again(site):
    worker = next(child for child in psutil.Process(site.process.pid).children() if "worker" in child.cmdline())

    worker.kill()

    site.wait_for("worker stopped by itself (signal SIGKILL): starting it again", seconds=20)
    deadline = time.monotonic() + 30
    while not any("worker" in child.cmdline() for child in psutil.Process(site.process.pid).children()):
        assert time.monotonic() < deadline, site.said
        time.sleep(0.2)


def test_ctrl_c_stops_everything_including_the_database(site, data_dir):
    family = psutil.Process(site.process.pid).children(recursive=True)

    status = site.stop()

    assert status == 0
    assert site.said.rstrip().endswith("Stopped.")
    assert [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    assert embedded.is_running(data_dir) is False


def test_a_second_start_is_quick_and_changes_nothing(prepared):
    site = start(prepared)

    began = time.monotonic()
    site.wait_for("Laurel is running.")
    took = time.monotonic() - began

    assert "Bringing the database up to date" not in site.said
    assert "Collecting static files" not in site.said
    assert took < 60
    assert site.stop(signal.SIGTERM) == 0


def test_a_database_that_ran_before_stays(prepared):
    embedded.start(prepared)

    site = start(prepared)
    site.wait_for("Laurel is running.")
    site.stop()

    assert embedded.is_running(prepared) is True
    embedded.stop(prepared)


def test_a_phone_is_served_over_https_with_a_certificate_it_can_trust(prepared):
    site = start(prepared, "--tls", "--host", "127.0.0.1")
    site.wait_for("Laurel is running.")
    authority = prepared / "tls" / "localhost" / "authority.pem"

    trust = ssl.create_default_context(cafile=authority)
    with contextlib.closing(http.client.HTTPSConnection("127.0.0.1", site.port, context=trust, timeout=10)) as phone:
        phone.request("GET", "/accounts/login/", headers={"Host": f"localhost:{site.port}"})
        answer = phone.getresponse()
        answer.read()

    assert answer.status == 200
    assert "__Host-csrf=" in (answer.getheader("Set-Cookie") or "")
    assert "Strict-Transport-Security" not in answer.headers
    assert f"https://localhost:{site.port}/me/" in site.said
    assert site.stop() == 0


def test_ctrl_c_while_it_still_prepares_leaves_nothing_running(prepared):
    site = start(prepared)
    site.wait_for("PostgreSQL started")

    status = site.stop()

    assert status == 0
    assert embedded.is_running(prepared) is False


def test_ctrl_c_while_a_class_is_being_made_is_ctrl_c_like_any_other():
    program = """
from loyalty_site.run.__main__ import listen_for_the_end
listen_for_the_end()
try:
    exec("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
except KeyboardInterrupt:
    print("stopped")
"""
    house = Path(__file__).parents[2]

    done = subprocess.run([sys.executable, "-c", program], cwd=house, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "stopped\n")


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DEBUG": "flase"}, "DEBUG is 'flase': expected on or off (also true/false, yes/no, 1/0)."),
        ({"DATABASE_URL": "mysql://ann@db/x"}, "DATABASE_URL begins with 'mysql': expected postgresql://"),
        (
            {"DATABASE_URL": "postgresql://ann@127.0.0.1:1/points"},
            "Laurel did not start. DATABASE_URL can't be used: nothing answers at 127.0.0.1: is the server running?",
        ),
        (
            {"DATABASE_URL": "postgresql://ann@no-such-host.invalid/points"},
            "Laurel did not start. DATABASE_URL can't be used: there is no host named no-such-host.invalid.",
        ),
        ({"WEB_THREADS": "many"}, "WEB_THREADS is 'many': expected a whole number from 1 to 64."),
    ],
)
def test_what_is_set_wrongly_is_said_in_one_sentence(variables, sentence, tmp_path):
    assert refusal(tmp_path, **variables).startswith(sentence)


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_what_is_no_port_is_refused(port, tmp_path):
    assert refusal(tmp_path, f"--port={port}") == f"PORT is {port!r}: expected a whole number from 1 to 65535."


def test_a_database_that_does_not_exist_is_named(prepared):
    embedded.start(prepared)

    said = refusal(prepared, DATABASE_URL=embedded.uri(prepared, "no_such_database"))

    embedded.stop(prepared)
    assert said == (
        "Laurel did not start. DATABASE_URL can't be used: the server has no database no_such_database: "
        "create it first (createdb no_such_database)."
    )


def test_a_database_of_ones_own_is_used_when_named(prepared):
    embedded.start(prepared)
    other = prepared.parent / "other"

    site = start(other, DATABASE_URL=embedded.uri(prepared))
    site.wait_for("Laurel is running.")
    site.stop()

    assert not (other / "postgres").exists()
    assert embedded.is_running(prepared) is True
    embedded.stop(prepared)


def test_a_database_of_ones_own_is_migrated_by_its_owner_and_served_by_another(prepared):
    embedded.start(prepared)
    with psycopg.connect(embedded.uri(prepared), autocommit=True) as database:
        database.execute("create role serving login")
        database.execute("create role possessing login")
        database.execute("create database own_points owner possessing")
    other = prepared.parent / "other_roles"
    urls = {
        "DATABASE_URL": embedded.uri(prepared, "own_points", role="serving"),
        "DATABASE_OWNER_URL": embedded.uri(prepared, "own_points", role="possessing"),
    }

    site = start(other, **urls)
    site.wait_for("Laurel is running.")
    with psycopg.connect(embedded.uri(prepared, "own_points")) as database:
        roles = database.execute(
            "select distinct usename from pg_stat_activity"
            " where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()"
        ).fetchall()
        owners = database.execute("select distinct tableowner from pg_tables where schemaname = 'public'").fetchall()
    site.stop()
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--database", "default"],
        env=environment_of(other, DEMO="0", SECRET_KEY="k8Zr-VbQx1Wm" * 5, TOKEN_KEY="p5Tn_LcYh7Gd" * 5, **urls),
        capture_output=True,
        text=True,
        check=False,
    )
    embedded.stop(prepared)

    assert (roles, owners) == ([("serving",)], [("possessing",)])
    assert "laurel.E012" not in checked.stderr
    assert "laurel.E013" not in checked.stderr


def test_a_role_that_may_not_create_tables_is_told_whom_to_name(prepared):
    embedded.start(prepared)
    with psycopg.connect(embedded.uri(prepared), autocommit=True) as database:
        database.execute("create role serving_alone login")
        database.execute("create database bare owner laurel_owner")

    said = refusal(prepared, DATABASE_URL=embedded.uri(prepared, "bare", role="serving_alone"))

    embedded.stop(prepared)
    assert said.startswith(
        "Laurel did not start. DATABASE_URL can't be used: its user may not create tables; "
        "name one who may in DATABASE_OWNER_URL: "
    )


def test_a_folder_that_can_not_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")

    assert refusal(tmp_path / "file" / "data").startswith("Can't keep a secret in")
