"""Ends what may wait for ever, by a deadline. Used by everything here that asks the vendor.

The timeouts of sockets count from one byte to the next, and looking up a name has none at all: a
vendor that sends a byte a second would hold an agent for ever.
"""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

from .errors import TRY_AGAIN, TimedOut

T = TypeVar("T")


def in_time(work: Callable[[], T], *, deadline: float, too_late: Callable[[T], object]) -> T:
    """Do ``work`` in a thread of its own and return what it returns, or raise what it raises.

    Raises TimedOut at ``deadline`` (of `time.monotonic`). What comes after it is given to
    ``too_late``, which lets go of it.
    """
    outcome: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()
    handing_over = threading.Lock()
    given_up = threading.Event()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # the caller's thread has to see it
            outcome.put((None, error))
            return
        with handing_over:
            if not given_up.is_set():
                outcome.put((result, None))
                return
        too_late(result)

    threading.Thread(target=run, name="callcenterstudio", daemon=True).start()
    try:
        result, error = outcome.get(timeout=max(0.0, deadline - time.monotonic()))
    except Empty:
        with handing_over:
            given_up.set()
            result, error = _already_there(outcome)
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def _already_there(
    outcome: SimpleQueue[tuple[T | None, BaseException | None]],
) -> tuple[T | None, BaseException | None]:
    """What came in the very moment of the deadline, else that it is over."""
    try:
        return outcome.get_nowait()
    except Empty:
        return None, TimedOut(f"Call Center Studio did not answer in time. {TRY_AGAIN}")
