"""How fast a tenant's vendor is asked by this worker, and how often in vain.

Nobody published the vendor's limits. `crm.worker` waits here before each question; people's own
questions - a login, a dial - wait for nothing.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable

from flask import current_app

QUESTIONS_A_SECOND = 5.0  # for each tenant, in the long run
AT_ONCE = 10  # questions that wait for nothing after a rest
KEPT_AT = "the pace of the worker's questions"


class Pace:
    """Each tenant's allowance of questions, and its questions in vain since the last answer."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._guard = threading.Lock()
        self._free_at: dict[int, float] = {}
        self._in_vain: defaultdict[int, int] = defaultdict(int)

    def wait(self, tenant_id: int) -> None:
        """Wait until this tenant's next question may be asked; open no transaction before."""
        between = 1 / QUESTIONS_A_SECOND
        with self._guard:
            now = self._clock()
            rested = now - (AT_ONCE - 1) * between
            mine = max(self._free_at.get(tenant_id, rested), rested)
            self._free_at[tenant_id] = mine + between
        if mine > now:
            self._sleep(mine - now)

    def told(self, tenant_id: int, *, found: bool) -> None:
        """Whether the vendor had the record that it was asked for."""
        with self._guard:
            self._in_vain[tenant_id] = 0 if found else self._in_vain[tenant_id] + 1

    def in_vain(self, tenant_id: int) -> int:
        """How many questions in a row brought nothing."""
        return self._in_vain[tenant_id]


def pace() -> Pace:
    """This process's."""
    found: Pace = current_app.extensions.setdefault(KEPT_AT, Pace())
    return found
