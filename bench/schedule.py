"""Sends requests at fixed moments, however long the answers take, and times each from its moment.

A server that falls behind is not spared: what waits for a free connection waits on the clock.
"""

import selectors
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import WAIT_SECONDS, Connection, UnexpectedAnswerError

MOST_CONNECTIONS = 64


@dataclass(frozen=True)
class Due:
    """A request and the second after the start at which it is sent."""

    at: float
    request: bytes


def send(port: int, schedule: Sequence[Due]) -> list[float]:
    """Send all, in order of their time; how many seconds each took until its answer was read.

    Every answer is 200, or UnexpectedAnswerError is raised.
    """
    waiting = deque(sorted(schedule, key=lambda due: due.at))
    selector = selectors.DefaultSelector()
    idle: deque[Connection] = deque()
    opened: list[Connection] = []
    busy: dict[Connection, float] = {}
    took: list[float] = []
    start = time.perf_counter()
    try:
        while waiting or busy:
            now = time.perf_counter() - start
            while waiting and waiting[0].at <= now and (idle or len(opened) < MOST_CONNECTIONS):
                if not idle:
                    idle.append(_open(port, selector, opened))
                connection, due = idle.pop(), waiting.popleft()
                connection.send(due.request)
                busy[connection] = due.at
            for key, _ in selector.select(_pause(waiting, now, full=not idle)):
                if key.data not in busy:  # the server hung up on one that was not used for a while
                    selector.unregister(key.fileobj)
                    idle.remove(key.data)
                    opened.remove(key.data)
                    key.data.close()
                elif key.data.receive() is not None:
                    took.append(time.perf_counter() - start - busy.pop(key.data))
                    idle.append(key.data)
    finally:
        selector.close()
        for connection in opened:
            connection.close()
    if len(took) != len(schedule):
        raise UnexpectedAnswerError("not every request was answered")
    return took


def _open(port: int, selector: selectors.BaseSelector, opened: list[Connection]) -> Connection:
    connection = Connection(port)
    selector.register(connection.socket, selectors.EVENT_READ, connection)
    opened.append(connection)
    return connection


def _pause(waiting: deque[Due], now: float, *, full: bool) -> float:
    if not waiting or (full and waiting[0].at <= now):
        return WAIT_SECONDS
    return max(0.0, waiting[0].at - now)
