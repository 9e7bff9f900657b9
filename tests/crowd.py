"""Many at once, each on a connection of its own, let go by one starting shot."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count as counting
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


class Interloper:
    """Does `act` on a connection of its own before the statement of number `place` of this thread's connection."""

    def __init__(self, place: int, act: Callable[[], Any]) -> None:
        self.place, self.act, self.seen = place, act, counting()
        self.answers: list[Any] = []

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        if next(self.seen) == self.place:
            self.answers = at_once(1, lambda _: self.act())
        return execute(*statement)


def interrupted(place: int, act: Callable[[], Any], between: Callable[[], Any]) -> tuple[Any, list[Any]]:
    """What `act` answers when `between` happens before its statement of number `place`, and what that answered."""
    interloper = Interloper(place, between)
    with connection.execute_wrapper(interloper):
        answer = act()
    return answer, interloper.answers
