"""Keeps processes running: prefixes their lines, starts those again that fall over, stops all together."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

STOP_SECONDS = 20
LONGEST_PAUSE = 30.0
# A process that falls over this often in a minute will not get better by itself.
FALLS_PER_MINUTE = 5


@dataclass(frozen=True)
class Program:
    """A command to keep running, and the name its lines are printed under."""

    name: str
    command: Sequence[str]


class Supervisor:
    """Runs programs until `stop` is called or one of them can't be kept running; then stops all of them."""

    def __init__(self, programs: Sequence[Program], *, environment: Mapping[str, str], output: TextIO) -> None:
        self._programs = programs
        self._environment = environment
        self._output = output
        self._width = max(len(name) for name in [*(program.name for program in programs), "laurel"])
        self._stopping = asyncio.Event()
        self._gave_up = False
        self._running: set[asyncio.subprocess.Process] = set()

    def say(self, text: str, *, name: str = "laurel") -> None:
        for line in text.splitlines() or [""]:
            print(f"{time.strftime('%H:%M:%S')} {name:<{self._width}} | {line}", file=self._output, flush=True)

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> bool:
        """Return once everything has stopped: True if it was asked to, False if a program could not be kept running."""
        keepers = [asyncio.create_task(self._keep_running(program)) for program in self._programs]
        await self._stopping.wait()
        await self._end_all()
        await asyncio.gather(*keepers)
        return not self._gave_up

    async def _keep_running(self, program: Program) -> None:
        falls: deque[float] = deque(maxlen=FALLS_PER_MINUTE)
        while not self._stopping.is_set():
            status = await self._run_once(program)
            if self._stopping.is_set():
                return
            falls.append(time.monotonic())
            if len(falls) == FALLS_PER_MINUTE and falls[-1] - falls[0] < 60:
                self.say(f"{program.name} stops again and again ({status}): giving up.")
                self._gave_up = True
                self.stop()
                return
            pause = min(2.0 ** (len(falls) - 1), LONGEST_PAUSE)
            self.say(f"{program.name} stopped by itself ({status}): starting it again in {pause:.0f} s.")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=pause)

    async def _run_once(self, program: Program) -> str:
        process = await asyncio.create_subprocess_exec(
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(self._environment),
            # Its own group: the terminal's Ctrl-C reaches us alone, and we end it with all its children.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self._running.add(process)
        await self._relay(program, process)
        returncode = await process.wait()
        self._running.discard(process)
        return f"signal {signal.Signals(-returncode).name}" if returncode < 0 else f"exit status {returncode}"

    async def _relay(self, program: Program, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            raise AssertionError("started with a pipe")
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                continue  # longer than any line that was meant to be read: dropped
            if not line:
                return
            text = line.decode("utf-8", errors="replace").rstrip()
            if text:
                self.say(text, name=program.name)

    async def _end_all(self) -> None:
        for process in self._running:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while self._running and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        for process in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _end_with_parent() -> None:
    """Ask the kernel to end this process if the supervisor is killed, so that nothing keeps the port."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
