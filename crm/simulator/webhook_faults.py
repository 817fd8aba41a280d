"""What becomes of each webhook on its way to the CRM: sent, lost, sent twice, or late.

The switchboard owns one `Deliveries`; hangup posts and notifications go through it. How often what
happens is said by the switches, which one it hits by a random that begins anew with each reset.
"""

from collections import Counter
from collections.abc import Callable
from random import Random

from crm.simulator.switches import Switches
from crm.simulator.timers import Timers

Send = Callable[[], None]


class Deliveries:
    """Sends later, through the timers. `faults` counts what happened, as "hangup_lost"."""

    def __init__(self, timers: Timers, faults: Counter[str]) -> None:
        self._timers = timers
        self._faults = faults
        self._random = Random(1)  # noqa: S311 - which webhook is lost is no secret

    def deliver(self, kind: str, send: Send, switches: Switches, *, delay: float = 0.0) -> None:
        """Have `send` called in `delay` seconds, or meet one of the faults that are switched on.

        kind: "hangup" or "notification", for the count.
        """
        fault = self._fault(switches)
        if fault:
            self._faults[f"{kind}_{fault}"] += 1
        late = switches.webhooks_late_seconds if fault == "late" else 0.0
        for _ in range({"lost": 0, "doubled": 2}.get(fault, 1)):
            self._timers.after(delay + late, send)

    def _fault(self, switches: Switches) -> str:
        drawn = self._random.random()
        for fault in ("lost", "doubled", "late"):
            drawn -= getattr(switches, f"webhooks_{fault}")
            if drawn < 0:
                return fault
        return ""
