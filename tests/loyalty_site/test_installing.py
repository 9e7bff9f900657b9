"""`bin/install` does nothing when nothing changed, and says in a sentence what keeps it from installing."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ["bash", "cat", "cut", "dirname", "env", "grep", "id", "mktemp", "rm", "sha256sum", "tail"]


@pytest.fixture
def plain_machine(tmp_path):
    """A PATH with the simplest tools: no package manager, no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or pytest.fail(f"this machine has no {tool}"))
    return folder


def install(path: Path, venv: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path), "VENV": str(venv), "HOME": str(path), **variables}
    command = [str(path / "bash"), str(ROOT / "bin" / "install"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def pretend(python: Path, machine: Path, answers: str) -> Path:
    """Make a script that answers as Python would, by its arguments."""
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f'#!{machine / "bash"}\ncase "$*" in {answers} esac\n')
    python.chmod(0o755)
    return python


def test_without_python_it_says_what_is_needed(plain_machine, tmp_path):
    finished = install(plain_machine, tmp_path / "venv")

    assert finished.returncode == 1
    assert finished.stderr == (
        "Laurel could not be installed. It needs Python 3.11 or newer, and none was found: "
        "install it, or name it with PYTHON=/path/to/python3.11\n"
    )


def test_without_pythons_venv_module_it_names_the_package(plain_machine, tmp_path):
    answers = '*"-m venv"*) exit 1;; *print*) echo python3.11-venv;;'
    python = pretend(plain_machine / "python3.11", plain_machine, answers)

    finished = install(plain_machine, tmp_path / "venv", PYTHON=str(python))

    assert finished.returncode == 1
    assert finished.stderr == (
        "Laurel could not be installed. Python's venv module is missing. "
        "Install it as root: apt-get install python3.11-venv\n"
    )


def test_when_pip_fails_its_reason_is_passed_on(plain_machine, tmp_path):
    venv = tmp_path / "venv"
    answers = "*--version*) ;; *) echo 'ERROR: No matching distribution found for django==5.2.19'; exit 1;;"
    pretend(venv / "bin" / "python", plain_machine, answers)

    finished = install(plain_machine, venv)

    assert finished.returncode == 1
    assert finished.stderr == (
        "Laurel could not be installed. The dependencies did not install: ERROR: No matching distribution found for "
        f"django==5.2.19. Is there a network, and room on the disk? All that pip said: {venv}/install.log\n"
    )
    assert not (venv / ".installed").exists()


@pytest.mark.parametrize(("kind", "files"), [("run", 1), ("dev", 2)])
def test_nothing_is_done_while_the_requirements_are_unchanged(kind, files, plain_machine, tmp_path):
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(plain_machine / "bash")
    contents = [(ROOT / name).read_bytes() for name in ("requirements.txt", "requirements-dev.txt")[:files]]
    (venv / ".installed").write_text(hashlib.sha256(b"".join(contents)).hexdigest() + "\n")

    finished = install(plain_machine, venv, kind)

    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")


def test_a_misspelt_argument_is_refused(plain_machine, tmp_path):
    assert install(plain_machine, tmp_path / "venv", "everything").stderr == "usage: bin/install [run|dev]\n"


def test_the_scripts_may_be_run():
    assert [name for name in ("install", "lint", "test") if not os.access(ROOT / "bin" / name, os.X_OK)] == []
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
