"""Many client processes at once, each with a connection of its own."""

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier

from django.db import connections

Work = Callable[[int], Callable[[], int]]


def rate(make: Work, *, clients: int, seconds: float) -> float:
    """
    Operations a second of `clients` processes that work for `seconds`.

    `make(number)` runs in each process and returns the step to repeat; a step returns how many operations it did.
    """
    connections.close_all()
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(clients)
    counted: multiprocessing.SimpleQueue[float] = context.SimpleQueue()
    workers = [
        context.Process(target=_work, args=(make, number, ready, counted, seconds), daemon=True)
        for number in range(clients)
    ]
    for worker in workers:
        worker.start()
    total = sum(counted.get() for _ in workers)
    for worker in workers:
        worker.join()
    return total


def _work(
    make: Work, number: int, ready: Barrier, counted: "multiprocessing.SimpleQueue[float]", seconds: float
) -> None:
    step = make(number)
    step()
    ready.wait()
    began = time.monotonic()
    done = 0
    while time.monotonic() - began < seconds:
        done += step()
    counted.put(done / (time.monotonic() - began))
