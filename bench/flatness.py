"""Whether memory stays flat: a worker's memory while it answers many screen pops."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench import processes
from bench.load import saturate
from bench.processes import Memory
from bench.server import Server

CONNECTIONS = 16
LONGEST_SECONDS = 300.0


@dataclass(frozen=True)
class Mark:
    """Mean memory of one worker after so many pops."""

    pops: int
    memory: Memory


def watch(server: Server, requests: Sequence[bytes], *, pops: int, steps: int) -> list[Mark]:
    """Answer so many pops in equal steps; look at the workers before the first and after each."""
    marks = [Mark(0, _mean(server))]
    done = 0
    for step in range(1, steps + 1):
        count = pops * step // steps - done
        load = saturate(
            server.port,
            requests,
            connections=CONNECTIONS,
            seconds=LONGEST_SECONDS / steps,
            count=count,
            start=done,
        )
        done += load.requests
        marks.append(Mark(done, _mean(server)))
    return marks


def _mean(server: Server) -> Memory:
    all_workers = [processes.memory(pid) for pid in server.workers]
    count = len(all_workers)
    return Memory(
        rss=sum(worker.rss for worker in all_workers) // count,
        uss=sum(worker.uss for worker in all_workers) // count,
    )
