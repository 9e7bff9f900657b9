"""A bad line between a till and the server: a proxy on loopback that cuts connections at the worst moments."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from random import Random

ANSWERED_WITHIN_SECONDS = 60
_END_OF_HEAD = b"\r\n\r\n"


class Cut(StrEnum):
    """When the line is cut; what was asked for may have been done or not."""

    BEFORE = "before the server heard of it"
    DURING = "in the middle of the answer"
    AFTER = "when the answer was written"
    NEVER = "never"


class BadLine:
    """
    Accepts connections of one request each and passes them on; `cuts` counts what it did to them.

    Of ten connections six are cut, two at each moment.
    """

    def __init__(self, *, to_port: int, seed: int) -> None:
        self.port = 0
        self.cuts: Counter[Cut] = Counter()
        self._to_port = to_port
        self._random = Random(seed)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def open(self) -> None:
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._pass_on, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _pass_on(self, caller: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            request = await _message(caller)
            cut = self._random.choice([Cut.BEFORE, Cut.DURING, Cut.AFTER] * 2 + [Cut.NEVER] * 4)
            self.cuts[cut] += 1
            if cut is not Cut.BEFORE:
                answer = await self._ask(request)
                back.write(answer[: {Cut.DURING: len(answer) // 2, Cut.AFTER: 0}.get(cut, len(answer))])
                await back.drain()
        back.close()

    async def _ask(self, request: bytes) -> bytes:
        server, there = await asyncio.open_connection("127.0.0.1", self._to_port)
        try:
            there.write(request)
            await there.drain()
            return await asyncio.wait_for(_message(server), ANSWERED_WITHIN_SECONDS)
        finally:
            there.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """A request or an answer whose head says how long it is."""
    head = await reader.readuntil(_END_OF_HEAD)
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0]) if lengths else 0)


@contextmanager
def bad_line(*, to_port: int, seed: int) -> Iterator[BadLine]:
    """A line that is bad until the end."""
    line = BadLine(to_port=to_port, seed=seed)
    line.open()
    try:
        yield line
    finally:
        line.close()
