"""What everything in the simulator works with: open calls, softphone pages, records, switches.

The steps of a call (`call_control`, `call_steps`) and the notifications are handed it. One lock
guards all of it, and waiting event streams are woken through the same condition. The API and the
pages see it as the `Switchboard`, which builds on it.
"""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from crm.simulator.calls import Call, CallState
from crm.simulator.cdr import Record
from crm.simulator.hangup_posts import HangupPosts
from crm.simulator.long_history import LongHistory
from crm.simulator.records import Records
from crm.simulator.seed import Tenant
from crm.simulator.softphones import Softphone, Softphones
from crm.simulator.switches import Switches
from crm.simulator.timers import Timers
from crm.simulator.webhook_faults import Deliveries


@dataclass(kw_only=True, eq=False)
class Exchange:
    """State in memory. The arguments are explained at `create_simulator`."""

    tenants: Sequence[Tenant]
    clock: Callable[[], datetime]
    random: Random
    timers: Timers
    hangup_posts: HangupPosts
    recordings_at: str | None
    most_open_calls: int

    changed: threading.Condition = field(init=False)  # the lock; notified at each change
    softphones: Softphones = field(init=False, default_factory=Softphones)
    calls: dict[int, Call] = field(init=False, default_factory=dict)
    call_numbers: Iterator[int] = field(init=False)
    # Invented pasts that a reset brings back.
    kept_histories: list[LongHistory] = field(init=False, default_factory=list)
    told_records: list[Record] = field(init=False, default_factory=list)
    on_break: set[str] = field(init=False, default_factory=set)  # agents, by address
    # Told of each call that has ended, under the lock: its fields say how it ended.
    call_ended: list[Callable[[Call], None]] = field(init=False, default_factory=list)
    # fault -> how often it happened since the reset
    faults: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.call_numbers = itertools.count(1)
        self.start_afresh()

    def start_afresh(self) -> None:
        """Without records, faults and pending webhooks, and with all switches as they are at first.

        Open calls stay: the switchboard ends them before, so that their pages are told.
        """
        self.switches = Switches()
        self.records = Records(self.clock)
        for history in self.kept_histories:
            self.records.add_history(history)
        for record in self.told_records:
            self.records.keep(record)
        self.faults.clear()
        self.on_break.clear()
        self.hangup_posts.recent.clear()
        self._deliveries = Deliveries(self.timers, self.faults)

    def open_calls(self) -> list[Call]:
        """All calls that have not ended, oldest first."""
        return list(self.calls.values())

    def room_for_calls(self) -> bool:
        """May another call be opened?"""
        return len(self.calls) < self.most_open_calls

    def calls_of_page(self, softphone: Softphone) -> list[dict[str, object]]:
        """The page's open calls as it draws them; one that went back to its queue is not there."""
        mine = (c for c in self.open_calls() if c.softphone is softphone)
        return [c.for_page() for c in mine if c.state is not CallState.QUEUED]

    def deliver(self, kind: str, send: Callable[[], None], *, delay: float = 0.0) -> None:
        """Have a webhook sent in `delay` seconds, unless the switches have it meet a fault.

        kind: "hangup" or "notification".
        """
        with self.changed:
            self._deliveries.deliver(kind, send, self.switches, delay=delay)

    def keep(self, record: Record) -> None:
        """Add the record of an ended call."""
        with self.changed:
            self.records.keep(record)

    def keep_told(self, records: Iterable[Record]) -> None:
        """Add calls that somebody told; they come back at each reset, and twice is once."""
        with self.changed:
            known = {record.place for record in self.told_records}
            new = [record for record in records if record.place not in known]
            self.told_records += new
            for record in new:
                self.records.keep(record)
