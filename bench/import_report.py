"""The figures of the import as tables."""

from statistics import median

from bench.imports import ImportRun, Took
from bench.report import spread, table, verdict

AIM = 0.5
MEMORY_AIM = 1.1


def tables(run: ImportRun) -> str:
    """What was measured, as Markdown."""
    parts = [f"### Import, {run.database}", _rates(run)]
    if run.memory:
        parts.append(_memory(run.memory))
    return "\n\n".join(parts)


def _rates(run: ImportRun) -> str:
    pairs = list(zip(run.product, run.floor, strict=True))
    ratios = [mine.rate / floor.rate for mine, floor in pairs]
    by_cpu = median(floor.cpu / mine.cpu for mine, floor in pairs)
    head = ["", "Records a second", "Of the floor (range)", "Aim", "Processor time (ratio by it)"]
    return table(
        head,
        [
            ("floor", _rate(run.floor), "", "", _cpu(run.floor)),
            (
                *("import", _rate(run.product), spread(ratios), verdict(median(ratios), AIM)),
                f"{_cpu(run.product)} ({by_cpu:.2f})",
            ),
        ],
    )


def _memory(runs: list[Took]) -> str:
    """Peaks, against that of the first."""
    least = runs[0].peak
    rows = []
    for one in runs:
        ratio = one.peak / least
        told = "" if one is runs[0] else f"{ratio:.2f} (aim: at most {MEMORY_AIM:.2f})"
        rows.append((f"{one.records:,}", f"{one.peak / 2**20:.1f} MiB", told))
    return table(["Records", "Peak memory of the process", "Against the first"], rows)


def _rate(runs: list[Took]) -> str:
    return f"{median(one.rate for one in runs):,.0f}"


def _cpu(runs: list[Took]) -> str:
    return f"{median(1_000_000 * one.cpu / one.records for one in runs):,.0f} µs a record"
