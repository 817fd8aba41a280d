"""Limits how fast the worker asks each tenant's API, and counts fruitless requests in a row.

The vendor's limits are not published. The worker waits here before it asks for a call's record or a
page of records. Requests that a person waits for - a login, a dial - are not delayed.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable

from flask import current_app

REQUESTS_A_SECOND = 5.0  # for each tenant, in the long run
BURST = 10  # requests without a wait after a pause
EXTENSION = "vendor pace"


class Pace:
    """Each tenant's allowance of requests. Shared by the worker's threads."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._guard = threading.Lock()
        self._free_at: dict[int, float] = {}
        self._misses: defaultdict[int, int] = defaultdict(int)

    def wait(self, tenant_id: int) -> None:
        """Wait until the tenant's next request may go out. Call it with no transaction open."""
        between = 1 / REQUESTS_A_SECOND
        with self._guard:
            now = self._clock()
            rested = now - (BURST - 1) * between
            mine = max(self._free_at.get(tenant_id, rested), rested)
            self._free_at[tenant_id] = mine + between
        if mine > now:
            self._sleep(mine - now)

    def note_answer(self, tenant_id: int, *, found: bool) -> None:
        """Count whether the vendor had the record that it was asked for."""
        with self._guard:
            self._misses[tenant_id] = 0 if found else self._misses[tenant_id] + 1

    def misses(self, tenant_id: int) -> int:
        """How many requests for one record in a row found none."""
        return self._misses[tenant_id]


def pace() -> Pace:
    """The pace of this process."""
    found: Pace = current_app.extensions.setdefault(EXTENSION, Pace())
    return found
