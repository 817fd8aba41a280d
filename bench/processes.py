"""What Linux says about processes: memory and time on the processor. Read from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """Bytes. rss: all that is in memory for it; uss: what it alone holds."""

    rss: int
    uss: int


def memory(pid: int) -> Memory:
    """Memory of one process."""
    kilobytes = {"Rss": 0, "Private_Clean": 0, "Private_Dirty": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in kilobytes:
            kilobytes[name] = int(value.split()[0])
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return Memory(rss=kilobytes["Rss"] * 1024, uss=private * 1024)


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used so far, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def parent(pid: int) -> int:
    """The process that started it."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def children(pid: int) -> list[int]:
    """The processes that a process started, oldest first."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return sorted(int(child) for child in listed.split())


def busy_seconds() -> float:
    """Processor seconds that this machine has spent working since it started, all cores."""
    times = Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]
    ticks = [int(value) for value in times]
    idle, waiting = ticks[3], ticks[4]
    return (sum(ticks) - idle - waiting) / _TICKS
