"""Calls that no browser of the CRM sees: agents with a softphone alone, callers who give up.

The CRM learns of them from notifications and from the vendor's records.
"""

import threading
import time
from queue import Empty, SimpleQueue
from random import Random

from crm.simulator.seed import Tenant
from tests.soak import company
from tests.soak.numbers import some_number
from tests.soak.plan import Kind
from tests.soak.tally import Tally
from tests.soak.vendor import Vendor, VendorError


class Elsewhere(threading.Thread):
    """One of those agents, and now and then a caller whom nobody answers."""

    def __init__(
        self, tenant: Tenant, email: str, vendor: Vendor, work: "SimpleQueue[Kind]", tally: Tally
    ) -> None:
        super().__init__(name=email, daemon=True)
        self._tenant = tenant
        self._vendor = vendor
        self._work = work
        self._tally = tally
        self._random = Random(email)
        vendor.post("softphones", agent=email)

    def run(self) -> None:
        """Call after call until nothing is left."""
        while True:
            try:
                kind = self._work.get_nowait()
            except Empty:
                return
            try:
                self._happen(kind)
                self._tally.add("calls")
            except (VendorError, OSError) as error:
                self._tally.complain(f"{self.name}, {kind.value}: {error}")

    def _happen(self, kind: Kind) -> None:
        answered = kind is Kind.AWAY_ANSWERED
        call = self._vendor.post(
            "ring",
            agent=self.name if answered else company.nobody(self._tenant.name).email,
            number=some_number(self._random),
            queue=self._random.choice(self._tenant.queues),
        )
        if answered:
            self._vendor.post(f"calls/{call['id']}/softphone/answer")
        time.sleep(self._random.uniform(0.1, 1.0))
        self._vendor.post(f"calls/{call['id']}/far-side/hang-up")
