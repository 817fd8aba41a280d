"""The day's troubles, each when so much of the day has passed: outages of the API, and kills.

A thread; it reads the progress from the tally. Every trouble is proved to have happened: an outage
counts when the API was asked meanwhile, a kill when the process ended by it.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from tests.soak.crm import Crm
from tests.soak.plan import Plan
from tests.soak.tally import Tally
from tests.soak.vendor import Vendor

OUTAGE_SECONDS = 7.0
ASKED_WITHIN = 60.0
IMPORT_BEGINS_WITHIN = 180.0
LONGER_PAGES = 0.3
Trouble = tuple[float, Callable[[], None]]


class Troubles(threading.Thread):
    """Causes them in order."""

    def __init__(self, day: Plan, crm: Crm, vendor: Vendor, tally: Tally) -> None:
        super().__init__(name="troubles", daemon=True)
        self._day = day
        self._crm = crm
        self._vendor = vendor
        self._tally = tally
        self._stopping = threading.Event()

    def run(self) -> None:
        """Wait for the time of each, and cause it."""
        for share, cause in self._all():
            while self._tally["calls"] < share * self._day.live and not self._stopping.is_set():
                time.sleep(0.1)
            try:
                cause()
            except (OSError, RuntimeError) as error:
                self._tally.complain(f"A trouble could not be caused: {error}")

    def finish(self, seconds: float) -> None:
        """The calls are over: cause what is left at once."""
        self._stopping.set()
        self.join(seconds)

    def _all(self) -> list[Trouble]:
        if self._day.kills == 1:
            return [(0.2, self._outage("500")), (0.5, self._kill_worker)]
        return [
            (0.08, self._outage("500")),
            (0.16, self._kill_one_of_the_web),
            (0.28, self._kill_worker),
            (0.40, self._outage("dropped")),
            (0.52, self._kill_web),
            (0.68, self._kill_worker_in_the_middle_of_an_import),
            (0.85, self._outage("html")),
        ]

    def _outage(self, answers: str) -> Callable[[], None]:
        def outage() -> None:
            before = self._asked(answers)
            self._vendor.post("switches", api_answers=answers)
            time.sleep(OUTAGE_SECONDS)
            until = time.monotonic() + ASKED_WITHIN
            while self._asked(answers) == before and time.monotonic() < until:
                time.sleep(0.2)
            self._vendor.post("switches", api_answers="json")
            failed = self._asked(answers) - before
            self._tally.add("requests that met an outage", failed)
            self._tally.add("outages", 1 if failed else 0)

        return outage

    def _asked(self, answers: str) -> int:
        return self._vendor.faults().get(f"api_{answers}", 0)

    def _kill_one_of_the_web(self) -> None:
        """gunicorn's first process starts another one by itself."""
        self._tally.add("kills", self._crm.web.kill_one_child())

    def _kill_web(self) -> None:
        self._tally.add("kills", self._crm.web.kill())
        self._crm.web.start()

    def _kill_worker(self) -> None:
        self._tally.add("kills", self._crm.worker.kill())
        self._crm.worker.start()

    def _kill_worker_in_the_middle_of_an_import(self) -> None:
        """An admin begins it on the page; the worker dies when it has read some of it."""
        self._vendor.post("switches", slow_seconds=LONGER_PAGES)
        self._crm.start_import_on_the_page("demo", back=timedelta(days=1))
        until = time.monotonic() + IMPORT_BEGINS_WITHIN
        while time.monotonic() < until and not self._crm.is_in_the_middle_of_an_import():
            time.sleep(0.05)
        if self._crm.is_in_the_middle_of_an_import():
            self._tally.add("kills", self._crm.worker.kill())
            self._tally.add("imports cut off", 1)
        self._crm.worker.start()
        self._vendor.post("switches", slow_seconds=0)
