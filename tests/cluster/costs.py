"""What the server side used: processor time, memory, connections. Read from /proc."""

import time
from dataclasses import dataclass
from pathlib import Path

from bench import processes
from tests.soak.processes import Program

ESTABLISHED = "01"


@dataclass(frozen=True)
class Reading:
    """cpu: name of a part -> processor seconds so far; busy: of the whole machine."""

    at: float
    cpu: dict[str, float]
    busy: float


class Costs:
    """Parts of the server side, each some programs with all that they started."""

    def __init__(self, parts: dict[str, list[Program]], postmaster: int) -> None:
        self._parts = parts
        self._postmaster = postmaster
        self._seen: dict[int, tuple[str, float]] = {}  # a process that ended keeps what it used

    def read(self) -> Reading:
        """Now. To be called once a second or so, lest a killed process takes its count along."""
        for part, pids in self._pids().items():
            for pid in pids:
                try:
                    self._seen[pid] = (part, processes.cpu_seconds(pid))
                except OSError:  # it has just ended
                    continue
        cpu: dict[str, float] = {}
        for part, seconds in self._seen.values():
            cpu[part] = cpu.get(part, 0.0) + seconds
        return Reading(time.monotonic(), cpu, processes.busy_seconds())

    def memory(self, part: str) -> int:
        """Bytes that the processes of a part hold for themselves alone."""
        total = 0
        for pid in self._pids()[part]:
            try:
                total += processes.memory(pid).uss
            except OSError:
                continue
        return total

    def _pids(self) -> dict[str, list[int]]:
        pids = {
            part: [pid for program in programs if program.is_running for pid in tree(program.pid)]
            for part, programs in self._parts.items()
        }
        return pids | {"PostgreSQL": tree(self._postmaster)}


def tree(pid: int) -> list[int]:
    """A process and all that it started."""
    try:
        return [pid, *(one for child in processes.children(pid) for one in tree(child))]
    except OSError:
        return []


def connections_to(port: int) -> int:
    """Open TCP connections whose server side is this port of this machine."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    wanted = f":{port:04X}"
    fields = (line.split() for line in lines)
    return sum(one[1].endswith(wanted) and one[3] == ESTABLISHED for one in fields)
