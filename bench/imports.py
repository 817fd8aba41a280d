"""The import's rate beside the floor's, and its peak memory; each run has a process of its own.

Floor and import take turns, so that what else the machine does hits both alike.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Took:
    """What one run took: seconds by the clock and of its own processor time; bytes at its peak."""

    records: int
    seconds: float
    cpu: float
    peak: int

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds


@dataclass
class ImportRun:
    """All that was measured of the import on one kind of database."""

    database: str
    floor: list[Took] = field(default_factory=list)
    product: list[Took] = field(default_factory=list)
    memory: list[Took] = field(default_factory=list)


def run(url: str, size: int, what: str) -> Took:
    """One run on a fresh database. what: floor, product or memory."""
    command = [sys.executable, "-m", "bench.importing", url, str(size), what]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"The import's bench ended early: {answer.stderr.strip()[-2000:]}")
    told = json.loads(answer.stdout.splitlines()[-1])
    if not told["calls"] == told["events"] == size:
        raise SystemExit(f"{told['calls']} calls of {size} records are on record")
    return Took(size, told["seconds"], told["cpu"], told["peak"])


def measure(
    database: str,
    fresh: Callable[[], str],
    *,
    rounds: int,
    size: int,
    memory_sizes: tuple[int, ...],
) -> ImportRun:
    """Rounds of floor and import, then imports of several sizes for their peaks."""
    found = ImportRun(database)
    for place in range(rounds):
        print(f"{database}, import: round {place + 1} of {rounds} …", flush=True)
        found.floor.append(run(fresh(), size, "floor"))
        found.product.append(run(fresh(), size, "product"))
    for records in memory_sizes:
        print(f"{database}, import: {records:,} records for the memory …", flush=True)
        found.memory.append(run(fresh(), records, "memory"))
    return found
