"""What happens a little later: the far side answers, a key is announced, a POST is sent late.

The switchboard schedules; one daemon thread runs what is due. Tests bring their own `Timers`
whose time they move themselves.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from typing import Protocol

Action = Callable[[], None]


class Timers(Protocol):
    """Runs actions later, each once."""

    def after(self, seconds: float, action: Action) -> None:
        """Run `action` in `seconds` from now."""

    def cancel_all(self) -> None:
        """Forget what has not run yet."""


class ThreadTimers:
    """`Timers` on the wall clock, with one daemon thread that starts with the first action."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Action]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._started = False

    def after(self, seconds: float, action: Action) -> None:
        """Run `action` on the timer thread in `seconds` from now."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), action))
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, name="simulator-timers", daemon=True).start()
            self._changed.notify()

    def cancel_all(self) -> None:
        """Forget what has not run yet."""
        with self._changed:
            self._due.clear()

    def _run(self) -> None:
        while True:
            self._next()()

    def _next(self) -> Action:
        with self._changed:
            while True:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
