"""What agents' browsers saw: how long each answer took, and what failed for how long."""

import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import quantiles

KINDS = (
    (re.compile(r"POST /login$"), "login"),
    (re.compile(r"GET /screen-pop"), "pop"),
    (re.compile(r"POST /call-panel/[^/]+/messages$"), "message"),
    (re.compile(r"POST /dial$"), "dial"),
)
POLL = "poll"


@dataclass(frozen=True)
class CutDial:
    """A dial that got no answer of the CRM's. told: seconds from the kill, or from a later click,
    until the page said so. known: from then until the softphone's `Dial` message, or until the card
    said that none came.
    """

    told: float
    known: float
    has_rung: bool


@dataclass
class Times:
    """Of all browsers together."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    requests: int = 0
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    longest_trouble: float = 0.0
    cut_dials: list[CutDial] = field(default_factory=list)
    stopped_at: float = 0.0  # when a process was killed or stopped last, on the monotonic clock
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note(self, asked: str, seconds: float, *, is_good: bool) -> None:
        """An answer. asked: method and path."""
        kind = next((kind for pattern, kind in KINDS if pattern.match(asked)), POLL)
        with self._guard:
            self.requests += 1
            if is_good:
                self.seconds[kind].append(seconds)
            else:
                self.failed[kind] += 1

    def note_trouble(self, seconds: float) -> None:
        """An agent saw nothing but failures for so long."""
        with self._guard:
            self.longest_trouble = max(self.longest_trouble, seconds)

    def of(self, kind: str) -> tuple[int, float, float]:
        """How many, their median and their 95th percentile in seconds; nan without any."""
        told = self.seconds[kind]
        if not told:
            return 0, float("nan"), float("nan")
        cuts = quantiles([*told, *told], n=20)  # twice, because one value has no quantiles
        return len(told), cuts[9], cuts[18]


class Trouble:
    """One agent's: from the first failure until something is asked that succeeds. How long that
    answer takes is told by its own kind.
    """

    def __init__(self, times: Times) -> None:
        self._times = times
        self._since: float | None = None

    @property
    def is_on(self) -> bool:
        """Whether the last answer was a failure."""
        return self._since is not None

    def note(self, asked_at: float, *, is_good: bool) -> None:
        """An answer has come, or none. asked_at: on the monotonic clock."""
        if not is_good:
            self._since = self._since or time.monotonic()
        elif self._since is not None:
            self._times.note_trouble(asked_at - self._since)
            self._since = None
