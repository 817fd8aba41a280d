"""The table of a run, what gave way first, and the promises that were broken."""

import os
import re
from collections import Counter
from pathlib import Path

from bench.report import table
from tests.cluster.day import Result, Stretch
from tests.cluster.times import KINDS, POLL, CutDial
from tests.soak.desk import DIAL_TAKEN_WITHIN

CORES = len(os.sched_getaffinity(0))
# The pages' outbox waits half a second, then one; a process on a busy machine answers a bit later.
A_RETRY = 5.0
# A dial is never sent again by the page. It waits ten seconds for the softphone, then says so.
A_CUT_DIAL = DIAL_TAKEN_WITHIN + A_RETRY
FULL = 0.9
SHOWN = 3
GAVE_WAY = (
    ("nginx's connections (worker_connections)", r"worker_connections are not enough"),
    ("PostgreSQL's connections (max_connections)", r"too many clients|remaining connection slots"),
    ("the CRM's pool of connections to the database", r"QueuePool limit"),
    ("files that a process may have open", r"Too many open files"),
)


def complaints(result: Result) -> list[str]:
    """Broken promises, a sentence each; none in a good run."""
    verdict, tally = result.verdict, result.tally
    broken = [*verdict.complaints(), *tally.problems]
    dials = Counter(result.dialled)
    broken += [f"a dial was sent {count} times" for count in dials.values() if count > 1]
    several = {agent: count for agent, count in result.logins.items() if count != 1}
    if several:
        broken.append(f"not one login at the vendor: {several}")
    if len(result.logins) != result.wish.agents:
        broken.append(f"{len(result.logins)} agents have logged in at the vendor")
    if result.times.longest_trouble > A_RETRY:
        broken.append(f"an agent saw errors for {result.times.longest_trouble:.1f} s")
    for dial in result.times.cut_dials:
        if dial.told > A_RETRY:
            broken.append(f"a dial was cut off, and its agent was told after {dial.told:.1f} s")
        if dial.known > A_CUT_DIAL:
            broken.append(f"a dial was in doubt for {dial.known:.1f} s")
    if tally["kills"] != 1 or tally["restarts"] != 1:
        broken.append("no process was killed, or none restarted")
    if not verdict.calls or not result.times.seconds["dial"] or not result.times.seconds["pop"]:
        broken.append("nothing happened")
    return broken


def text(result: Result) -> str:
    """All tables as Markdown."""
    wish, verdict, times = result.wish, result.verdict, result.times
    failed = sum(times.failed.values())
    lines = [
        f"**{wish.agents:,} agents**, a call every {wish.every:.0f} s each, for "
        f"{wish.busy:.0f} s; two machines' processes on one.",
        _times(result),
        _costs(result),
        f"{verdict.calls:,} calls, {len(verdict.lost)} lost, "
        f"{len(verdict.doubled) + len(verdict.unknown)} doubled, {len(verdict.differences)} fields "
        f"differ; {sum(result.logins.values()):,} logins at the vendor; {failed} of "
        f"{times.requests:,} requests failed during the kill and the restart, the longest for an "
        f"agent {times.longest_trouble:.1f} s; {result.tally['dials refused']} dials refused. "
        f"Counting a try of a password in the database, and taking it back: "
        f"{1000 * result.count_of_a_try:.1f} ms. A login takes "
        f"{1000 * result.login_cpu:.0f} ms of the CRM's processors.",
        _cut_dials(result.times.cut_dials),
        f"Gave way first: {gave_way(result)}.",
    ]
    if broken := complaints(result):
        lines.append(f"Promises broken: {len(broken)}, among them: {'; '.join(broken[:SHOWN])}.")
    return "\n\n".join(lines)


def gave_way(result: Result) -> str:
    """The limits that this run met, a full processor last; "nothing" when it met none."""
    met = [name for name, pattern in GAVE_WAY if re.search(pattern, result.log)]
    busy = result.busy
    if busy.busy / (busy.seconds * CORES) >= FULL:
        parts = busy.cpu | {"the agents' side of this run": result.client_cpu}
        told = ", ".join(
            f"{name} {seconds / (busy.seconds * CORES):.0%}"
            for name, seconds in sorted(parts.items(), key=lambda part: -part[1])
        )
        met.append(f"the processor of this machine ({told})")
    return "; then ".join(met) or "nothing"


def write(path: Path, agents: int, words: str) -> None:
    """Put the tables between the marks for so many agents."""
    begin = f"<!-- {agents} agents: make cluster AGENTS={agents} CLUSTER=--write -->"
    end = f"<!-- end of {agents} agents -->"
    before, found_begin, rest = path.read_text().partition(begin)
    _old, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise SystemExit(f"{path} has no place for the figures: {begin} … {end}")
    path.write_text(f"{before}{begin}\n\n{words}\n\n{end}{after}")


def _cut_dials(dials: list[CutDial]) -> str:
    if not dials:
        return "No dial was cut off."
    rang = [dial for dial in dials if dial.has_rung]
    parts = [
        f"Dials cut off: {len(dials)}. The page said so after "
        f"{max(dial.told for dial in dials):.1f} s at most."
    ]
    if rang:
        longest = max(dial.known for dial in rang)
        parts.append(f"{len(rang)} rang all the same, {longest:.1f} s later at most.")
    if len(rang) < len(dials):
        longest = max(dial.known for dial in dials if not dial.has_rung)
        others = len(dials) - len(rang)
        parts.append(f"{others} did not ring; the page knew {longest:.1f} s later at most.")
    return " ".join(parts)


def _times(result: Result) -> str:
    rows = []
    for kind in [*(kind for _pattern, kind in KINDS), POLL]:
        count, middle, worst = result.times.of(kind)
        rows.append((kind, f"{count:,}", f"{1000 * middle:.0f} ms", f"{1000 * worst:.0f} ms"))
    return table(("What an agent waits for", "answers", "p50", "p95"), rows)


def _costs(result: Result) -> str:
    agents = result.wish.agents
    rows = [
        ("requests a second", f"{_rate(result.idle):.1f}", f"{_rate(result.busy):.1f}"),
        (
            "requests a second, an agent",
            f"{_rate(result.idle) / agents:.3f}",
            f"{_rate(result.busy) / agents:.3f}",
        ),
    ]
    for part in ("CRM", "PostgreSQL", "nginx", "worker"):
        idle, busy = (_cores(stretch, part) for stretch in (result.idle, result.busy))
        name = f"processor, {part}: of a core"
        rows.append((name, f"{idle:.2f}", f"{busy:.2f}"))
    idle, busy = (
        sum(_cores(stretch, part) for part in ("CRM", "PostgreSQL", "nginx", "worker"))
        for stretch in (result.idle, result.busy)
    )
    thousandth = 1000 / agents
    rows.append(
        (
            "processor an agent: thousandths of a core",
            f"{idle * thousandth:.2f}",
            f"{busy * thousandth:.2f}",
        )
    )
    for part, size in result.memory.items():
        told = f"{size / 2**20:,.0f} MiB"
        name = f"memory, {part}"
        if part == "CRM":
            name += f" ({result.crm_processes} processes)"
        rows.append((name, "", told))
    for part, count in result.connections.items():
        rows.append((f"connections, {part}: the most", "", f"{count:,}"))
    return table(("What it costs the server", "nobody calls", "calls"), rows)


def _rate(stretch: Stretch) -> float:
    return stretch.requests / stretch.seconds


def _cores(stretch: Stretch, part: str) -> float:
    return stretch.cpu.get(part, 0.0) / stretch.seconds
