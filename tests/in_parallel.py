"""Which tests may share a process when pytest runs in two, and in what order they are handed out."""

import json
import os
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling


def needs_browser(item: pytest.Item) -> bool:
    return "playwright" in getattr(item, "fixturenames", ())


def is_transactional(item: pytest.Item) -> bool:
    """Whether the test commits, and so empties the database when it is over."""
    marker = item.get_closest_marker("django_db")
    is_marked = marker is not None and marker.kwargs.get("transaction", False)
    return is_marked or bool({"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))


def group(item: pytest.Item) -> str:
    """
    Tests of one group are run by one process, in their order.

    Those with a browser are one, so that never two browsers share the machine. All others that commit nothing are one,
    so that they meet neither a database that was emptied nor the event loop that Playwright leaves running.
    """
    if needs_browser(item):
        return "browser"
    return item.nodeid.partition("::")[0] if is_transactional(item) else "plain"


class ByGroup(LoadScopeScheduling):
    """
    Hands out groups in their order.

    The processes that collect tell the one that hands out by a file: it sees nothing of a test but its name, and the
    marks that were made for this (`xdist_group`) are lost between pytest 9.2 and xdist 3.8.
    """

    def schedule(self) -> None:
        if self.collection is None:
            self.config.option.loadscopereorder = False
            file = _file(self.config._tmp_path_factory.getbasetemp())
            # Where nothing could be collected, nobody told anything.
            self._groups: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self._groups[nodeid]


def arrange(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    In a process that collects: sort the groups, and tell which test is in which.

    The two long ones begin at once; the others, in which nobody minds what was there before, fill up whichever process
    is ready first. A process that is alone goes on in the usual order.
    """
    if config.workerinput["workercount"] > 1:
        items.sort(key=lambda item: (not needs_browser(item), is_transactional(item)))
    # The folder above is that of the process that hands out. All collect the same: it does not matter whose file stays.
    file = _file(config._tmp_path_factory.getbasetemp().parent)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps({item.nodeid: group(item) for item in items}), encoding="utf-8")
    draft.rename(file)


def _file(folder: Path) -> Path:
    return folder / "groups.json"
