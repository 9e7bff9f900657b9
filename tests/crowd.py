"""Many at once, each on a connection of its own, let go by one starting shot."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from kernel.errors import DomainError


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Call `act(0)` ... `act(count - 1)` at the same moment; a refusal is an answer like another."""
    start = Barrier(count)

    def one(number: int) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            return act(number)
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as crowd:
        return list(crowd.map(one, range(count)))
