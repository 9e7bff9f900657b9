"""The supervisor prefixes lines, starts again what falls over, and stops everything it started."""

import asyncio
import io
import os
import signal
import sys
import time

from loyalty_site.run import supervisor as supervising
from loyalty_site.run.supervisor import Program, Supervisor


def python(source: str) -> list[str]:
    return [sys.executable, "-u", "-c", source]


def supervise(*programs: Program) -> tuple[Supervisor, io.StringIO]:
    output = io.StringIO()
    return Supervisor(programs, environment=os.environ, output=output), output


async def until(output: io.StringIO, words: str) -> None:
    async with asyncio.timeout(20):
        while words not in output.getvalue():
            await asyncio.sleep(0.02)


def test_lines_say_who_wrote_them():
    supervisor, output = supervise(
        Program("web", python("print('first'); import time; time.sleep(60)")),
        Program("worker", python("import sys, time; print('second', file=sys.stderr); time.sleep(60)")),
    )

    async def scene() -> bool:
        running = asyncio.create_task(supervisor.run())
        await until(output, "first")
        await until(output, "second")
        supervisor.stop()
        return await running

    assert asyncio.run(scene()) is True
    lines = [line.partition(" ")[2] for line in output.getvalue().splitlines()]
    assert "web    | first" in lines
    assert "worker | second" in lines


def test_what_falls_over_is_started_again(tmp_path):
    falls_once = (
        f"import pathlib, sys, time; been = pathlib.Path({str(tmp_path / 'been')!r})\n"
        "if not been.exists(): been.touch(); sys.exit(3)\n"
        "print('up again'); time.sleep(60)"
    )
    supervisor, output = supervise(Program("worker", python(falls_once)))

    async def scene() -> bool:
        running = asyncio.create_task(supervisor.run())
        await until(output, "up again")
        supervisor.stop()
        return await running

    assert asyncio.run(scene()) is True
    assert "worker stopped by itself (exit status 3): starting it again in 1 s." in output.getvalue()


def test_what_keeps_falling_over_ends_everything(monkeypatch, tmp_path):
    monkeypatch.setattr(supervising, "LONGEST_PAUSE", 0.01)
    supervisor, output = supervise(
        Program("web", python(f"import time; open({str(tmp_path / 'web')!r}, 'w').write('x'); time.sleep(60)")),
        Program("worker", python("import sys; sys.exit(1)")),
    )

    assert asyncio.run(supervisor.run()) is False
    assert "worker stops again and again (exit status 1): giving up." in output.getvalue()
    assert output.getvalue().count("starting it again") == supervising.FALLS_PER_MINUTE - 1


def test_a_process_and_its_children_that_will_not_stop_are_killed(monkeypatch):
    monkeypatch.setattr(supervising, "STOP_SECONDS", 0.5)
    stubborn = (
        "import os, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('child', child.pid); time.sleep(60)"
    )
    supervisor, output = supervise(Program("worker", python(stubborn)))

    async def scene() -> bool:
        running = asyncio.create_task(supervisor.run())
        await until(output, "child")
        supervisor.stop()
        return await running

    began = time.monotonic()
    assert asyncio.run(scene()) is True
    assert time.monotonic() - began < 30
    child = int(output.getvalue().rpartition("child ")[2].split()[0])
    assert not lives(child)


def test_processes_do_not_outlive_a_killed_supervisor(tmp_path):
    program = (
        "import asyncio, os, sys; from loyalty_site.run.supervisor import Program, Supervisor\n"
        "child = [sys.executable, '-u', '-c', 'import os, time; print(\"child\", os.getpid()); time.sleep(60)']\n"
        "asyncio.run(Supervisor([Program('web', child)], environment=os.environ, output=sys.stdout).run())"
    )

    async def scene() -> int:
        process = await asyncio.create_subprocess_exec(*python(program), stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        line = await process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        await process.wait()
        return int(line.split()[-1])

    child = asyncio.run(scene())

    assert not lives(child)


def lives(pid: int) -> bool:
    """Whether the process still runs a few seconds later; what only waits to be collected does not."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat") as state:  # noqa: PTH123  # a kernel file, read as it changes
                if state.read().rpartition(")")[2].split()[0] == "Z":
                    return False
        except FileNotFoundError:
            return False
        time.sleep(0.05)
    return True


def test_a_line_without_end_does_not_stop_the_rest():
    endless = "import sys, time; sys.stdout.write('x' * 3_000_000 + '\\nafter\\n'); time.sleep(60)"
    supervisor, output = supervise(Program("web", python(endless)))

    async def scene() -> bool:
        running = asyncio.create_task(supervisor.run())
        await until(output, "after")
        supervisor.stop()
        return await running

    assert asyncio.run(scene()) is True
