"""The figures as tables that a person can read, on the terminal and in docs/benchmarks.md alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.flatness import Mark
from bench.hardest import Hardest
from bench.measure import Series

AIMS = {"screen pop": 0.65, "two words": 0.45, "last digits": 0.45}
GROWTH_AIM = 0.8
# Where the figures of each part stand in the document: between these marks.
CONTACTS, WEBHOOKS, IMPORT = "figures", "webhooks' figures", "import's figures"
BUSY = "busy server's figures"
PAGE = "flooded page's figures"
REPORTS = "reports' figures"
FIRST_PAGE = "first page's figures"
CONTACT_FILES = "contact files' figures"
RING = "ring's figures"
INSPECTOR = "inspector's figures"
SCROLL = "scroll's figures"
LIGHTHOUSE = "Lighthouse's figures"


@dataclass(frozen=True)
class Run:
    """All that was measured on one kind of database: size -> series, the empty route first."""

    database: str
    sizes: dict[int, list[Series]]
    hardest: list[Hardest]  # of the largest size
    memory: list[Mark]


def machine(facts: dict[str, str]) -> str:
    """What it was measured on."""
    return table(("Measured on", ""), facts.items())


def tables(run: Run) -> str:
    """What was measured on one kind of database."""
    parts = [f"### {run.database}", _rates(run), _noise(run)]
    if len(run.sizes) > 1:
        parts.append(_growth(run))
    parts.append(_hardest(run))
    if run.memory:
        parts.append(_memory(run.memory))
    return "\n\n".join(parts)


def write(path: Path, place: str, text: str) -> None:
    """Put the figures between the two marks of their place in a document."""
    end = f"<!-- end of {place} -->"
    command = "lighthouse LIGHTHOUSE" if place == LIGHTHOUSE else "bench BENCH"
    begin = f"<!-- {place}: make {command}=--write -->"
    before, found_begin, rest = path.read_text().partition(begin)
    _old, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise SystemExit(f"{path} has no place for the figures: {begin} … {end}")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")


def _rates(run: Run) -> str:
    head = ["Contacts", "", "Requests a second", "Of the empty route (range)", "Aim"]
    head += ["Server time (ratio by it)", "One agent: median", "p95", "Answer"]
    rows = []
    for size, all_series in run.sizes.items():
        empty = all_series[0]
        for series in all_series:
            name = series.question.name
            rows.append(
                (
                    f"{size:,}",
                    name,
                    f"{series.rate:,.0f}",
                    "" if series is empty else spread(series.of_empty()),
                    _aim(series),
                    _server_time(series),
                    f"{1000 * series.alone_median:.1f} ms",
                    f"{1000 * series.alone_p95:.1f} ms",
                    f"{series.answer_bytes / 1000:.1f} kB",
                )
            )
    return table(head, rows)


def _growth(run: Run) -> str:
    (small, few), (large, many) = sorted(run.sizes.items())
    head = (f"{large:,} against {small:,} contacts", "Requests a second (range)", "Aim")
    rows = []
    for before, after in zip(few, many, strict=True):
        ratios = after.against(before)
        name = before.question.name
        rows.append((name, spread(ratios), verdict(median(ratios), GROWTH_AIM)))
    return table(head, rows)


def _hardest(run: Run) -> str:
    head = (f"Hardest searches, {max(run.sizes):,} contacts", "Typed", "Median", "p95")
    return table((*head, "Aim: p95 at most"), [one.line() for one in run.hardest])


def _memory(marks: list[Mark]) -> str:
    head = ("Screen pops so far", "RSS of a worker", "USS of a worker")
    return table(
        head,
        [(f"{mark.pops:,}", _mib(mark.memory.rss), _mib(mark.memory.uss)) for mark in marks],
    )


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"


def _noise(run: Run) -> str:
    all_series = [series for several in run.sizes.values() for series in several]
    samples = [sample for series in all_series for sample in series.samples]
    client = median(sample.client_share for sample in samples)
    others = sorted(sample.elsewhere_share for sample in samples)
    return (
        f"{len(samples)} stretches of {median(s.load.seconds for s in samples):.1f} s. "
        f"Of the machine the client took {client:.0%}; what is neither client nor worker "
        f"(the system, a database server, other work) took {median(others):.0%}, "
        f"at worst {others[-1]:.0%}."
    )


def _server_time(series: Series) -> str:
    time = f"{median(sample.cpu_milliseconds for sample in series.samples):.2f} ms"
    return f"{time} ({series.of_empty_by_cpu():.2f})" if series.beside else time


def _aim(series: Series) -> str:
    aim = AIMS.get(series.question.name)
    return "" if aim is None else verdict(median(series.of_empty()), aim)


def verdict(ratio: float, aim: float) -> str:
    """The aim, and whether it was reached."""
    return f"{aim:.2f}: {'reached' if ratio >= aim else 'missed'}"


def spread(ratios: list[float]) -> str:
    """The middle, and the range."""
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as Markdown, its columns lined up."""
    lines = [list(head), *map(list, rows)]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    padded = [
        [text.ljust(width) for text, width in zip(line, widths, strict=True)] for line in lines
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)
