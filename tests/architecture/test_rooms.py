"""The house stands as docs/decisions/0001 draws it. Each rule here was broken once to see it fail."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test.utils import isolate_apps

from tests.architecture import house
from tests.architecture.house import ROOT

LINT_IMPORTS = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
NO_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "managers",
    "handler",
    "handlers",
    "base2",
}
EXACT_ROOMS = {"kernel", "ledger", "orders", "campaigns", "rewards"}
TIMELESS = re.compile(r"(services|engine|queries|allocation)(/|\.py$)")


def contracts_in(folder: Path) -> str:
    return subprocess.run(LINT_IMPORTS, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_the_contracts_hold():
    report = contracts_in(ROOT)

    assert "0 broken" in report, report


@pytest.fixture(scope="module")
def copy_of_the_house(tmp_path_factory):
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / ".importlinter", copy)
    for room in house.rooms():
        for file in (ROOT / room).rglob("*.py"):
            (copy / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy / file.relative_to(ROOT))
    return copy


@pytest.mark.parametrize(
    ("contract", "file", "forbidden"),
    [
        ("Rooms import downward only", "ledger/queries.py", "from members import models"),
        ("Rooms import downward only", "orders/errors.py", "def f():\n    from rewards import models"),
        ("Rooms import downward only", "members/queries.py", "import loyalty_site.settings"),
        ("Inside a room", "ledger/models/books.py", "from ledger import services"),
        ("Inside a room", "members/errors.py", "from members import queries"),
        ("Only the ledger opens the ledger's books", "campaigns/queries.py", "from ledger.models import Entry"),
        ("Decisions know no framework", "campaigns/engine/__init__.py", "from django.db import connection"),
        ("Business knows neither web nor queue", "members/queries.py", "from rest_framework import status"),
        ("Business knows neither web nor queue", "events/models.py", "from celery import shared_task"),
    ],
)
def test_a_contract_notices_what_it_forbids(contract, file, forbidden, copy_of_the_house):
    target = copy_of_the_house / file
    before = target.read_text()

    target.write_text(f"{before}\n{forbidden}\n")
    report = contracts_in(copy_of_the_house)
    target.write_text(before)

    assert re.search(rf"^{re.escape(contract)}.* BROKEN", report, flags=re.MULTILINE), report


def test_every_package_has_a_place_in_the_house():
    assert house.packages() == house.rooms()


def test_every_app_of_ours_is_a_room():
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT}

    assert ours <= house.rooms()
    assert {name for name in settings.INSTALLED_APPS if name in house.rooms()} <= ours


def test_foreign_keys_point_down():
    assert house.upward_keys(apps.get_models()) == []


@isolate_apps("ledger", "members", "orders", "rewards")
def test_a_foreign_key_upward_or_to_a_stranger_is_noticed_even_as_a_string():
    class Member(models.Model):
        class Meta:
            app_label = "members"

    class Reward(models.Model):
        class Meta:
            app_label = "rewards"

    class Order(models.Model):
        member = models.ForeignKey("members.Member", models.PROTECT)
        rewards = models.ManyToManyField("rewards.Reward")

        class Meta:
            app_label = "orders"

    class Posting(models.Model):
        member = models.ForeignKey("members.Member", models.PROTECT)

        class Meta:
            app_label = "ledger"

    assert house.upward_keys([Member, Reward, Order, Posting]) == [
        "orders.Order.rewards -> rewards.Reward",
        "ledger.Posting.member -> members.Member",
    ]


def test_files_are_named_after_what_they_are():
    everything = house.rooms() | {"tests", "bench"}

    assert [str(file.relative_to(ROOT)) for file in house.sources(everything) if file.stem in NO_NAMES] == []
    assert [name for room in everything for name in NO_NAMES if (ROOT / room / name).exists()] == []


def test_no_file_is_longer_than_four_hundred_lines():
    everything = house.rooms() | {"tests", "bench"}
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in house.sources(everything)}

    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_no_function_is_longer_than_forty_lines():
    found = {
        str(file.relative_to(ROOT)): long
        for file in house.sources(house.rooms())
        if (long := house.long_functions(file.read_text(), limit=40))
    }

    assert found == {}


def test_the_kernel_is_a_few_words():
    assert sum(len(file.read_text().splitlines()) for file in house.sources({"kernel"})) < 200


def test_amounts_are_never_floats():
    found = {
        str(file.relative_to(ROOT)): lines
        for file in house.sources(EXACT_ROOMS)
        if (lines := house.inexact_arithmetic(file.read_text()))
    }

    assert found == {}


@pytest.mark.parametrize("source", ["rate = 0.5", "points = float(text)", "half = total / 2", "total /= 2"])
def test_inexact_arithmetic_is_noticed(source):
    assert house.inexact_arithmetic(source) == [1]
    assert house.inexact_arithmetic("half = total // 2 + int('1') * 3") == []


def test_services_and_engines_are_told_the_time():
    found = {
        str(file.relative_to(ROOT)): lines
        for file in house.sources(house.rooms() - {"loyalty_site"})
        if TIMELESS.search(file.relative_to(ROOT).as_posix()) and (lines := house.clock_readings(file.read_text()))
    }

    assert found == {}
    assert house.clock_readings("at = timezone.now()") == [1]


def test_nothing_is_left_for_later():
    marks = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]))
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in house.written(house.rooms() | {"tests", "bench", "templates", "static", "docs", "bin"})
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if marks.search(line)
    ]

    assert found == []


def test_no_file_knows_the_machine_it_was_written_on():
    machine = "/wo" + "rk/"
    everywhere = house.rooms() | {"tests", "bench", "templates", "static", "docs", "bin", ".ci"}
    files = [*house.written(everywhere), *(file for file in ROOT.iterdir() if file.is_file())]

    assert [str(file.relative_to(ROOT)) for file in files if machine in file.read_text(errors="ignore")] == []


def test_every_direct_dependency_says_why_it_is_there():
    for name in ("requirements.in", "requirements-dev.in"):
        lines = (ROOT / name).read_text().splitlines()
        dependencies = [line for line in lines if line and not line.startswith(("#", "-c"))]

        assert [line for line in dependencies if not re.search(r"\S\s+# \S+", line)] == []
