"""What happened on the day, counted by every thread; read for the progress and the last line."""

import threading
from collections import Counter


class Tally:
    """Counts by name, and the keys and notes that only the actors know."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self.seen_at_desks: set[str] = set()  # activecallkeys
        self.notes: dict[str, str] = {}  # activecallkey -> what the agent wrote
        self.problems: list[str] = []

    def add(self, name: str, count: int = 1) -> None:
        """Count something."""
        with self._lock:
            self._counts[name] += count

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    def complain(self, problem: str) -> None:
        """Something that must not be; the run fails."""
        with self._lock:
            self.problems.append(problem)
