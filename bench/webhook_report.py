"""The figures of the webhooks as tables."""

from dataclasses import dataclass
from statistics import median, quantiles

from bench.beside_imports import RATE, Beside
from bench.measure import Series
from bench.report import spread, table, verdict
from bench.webhooks import HANGUP_POST, Flood

AIM = 1 / 3  # of the empty post
ROUTE_AIM = 0.5  # of the empty route of the other tables, which wants a login
P99_AIM = 1.0  # seconds


@dataclass(frozen=True)
class WebhookRun:
    """All that was measured of the webhooks on one kind of database."""

    database: str
    rates: list[Series]
    flood: Flood
    beside: Beside


def tables(run: WebhookRun) -> str:
    """What was measured, as Markdown."""
    return "\n\n".join(
        [f"### Webhooks, {run.database}", _rates(run.rates), _flood(run.flood), _beside(run.beside)]
    )


def _rates(all_series: list[Series]) -> str:
    head = ["", "Requests a second", "Of the empty post (range)", "Aim"]
    head += ["Server time (ratio by it)", "One at a time: median", "p95"]
    rows = []
    for series in all_series:
        ratios = series.of_empty() if series.beside else []
        server = f"{median(sample.cpu_milliseconds for sample in series.samples):.2f} ms"
        rows.append(
            (
                series.question.name,
                f"{series.rate:,.0f}",
                spread(ratios) if ratios else "",
                verdict(median(ratios), AIM) if series.question.name == HANGUP_POST else "",
                f"{server} ({series.of_empty_by_cpu():.2f})" if ratios else server,
                f"{1000 * series.alone_median:.1f} ms",
                f"{1000 * series.alone_p95:.1f} ms",
            )
        )
    _empty_post, hangup_post, empty_route = all_series
    ratios = hangup_post.against(empty_route)
    told = (
        f"The hangup post against the empty route, logged in, of the same round: "
        f"{spread(ratios)}; aim {verdict(median(ratios), ROUTE_AIM)}."
    )
    return f"{table(head, rows)}\n\n{told}"


def _flood(flood: Flood) -> str:
    percent = quantiles(flood.took, n=100)
    rows = [
        ("webhooks sent, all answered 200", f"{flood.requests:,} in {flood.seconds:.0f} s"),
        ("answered within: median", f"{1000 * percent[49]:.1f} ms"),
        ("answered within: p95", f"{1000 * percent[94]:.1f} ms"),
        ("answered within: p99 (aim: 1 s)", f"{1000 * percent[98]:.1f} ms"),
        ("answered within: the slowest", f"{1000 * max(flood.took):.1f} ms"),
        ("all read by the worker, after the last", f"{flood.folded:.0f} s"),
        ("calls told of", f"{flood.calls:,}"),
        ("complete, when all were read", f"{flood.complete[0]:,}"),
        (f"complete, {flood.completed:.0f} s later", f"{flood.complete[1]:,}"),
        ("wait for the question by their key, five a second", f"{flood.compared.waiting:,}"),
        ("calls lost", f"{flood.compared.lost:,}"),
        ("calls doubled", f"{flood.compared.doubled:,}"),
        ("complete calls that are wrong", f"{flood.compared.wrong:,}"),
    ]
    return table(("Under load, the vendor's API down", ""), rows)


def _beside(beside: Beside) -> str:
    percent = quantiles(beside.took, n=100)
    rows = [
        (f"hangup posts, {RATE:.0f} a second", f"{len(beside.took):,}"),
        ("pages that the imports read meanwhile", f"{beside.pages:,}"),
        ("answered within: median", f"{1000 * percent[49]:.1f} ms"),
        ("answered within: p99", f"{1000 * percent[98]:.1f} ms"),
        ("answered within: the slowest", f"{1000 * max(beside.took):.1f} ms"),
        ("not answered 200", f"{beside.failed:,}"),
        ("lost", f"{beside.lost:,}"),
    ]
    return table(("Beside imports that are killed, and in two terminals", ""), rows)
