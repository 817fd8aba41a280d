"""Whether the list of contacts scrolls smoothly: the long tasks in Chromium during 500 rows.

`bench.__main__` runs it: the CRM as shipped with 10,000 contacts, one agent's page with a connected
softphone. The wheel turns all the time; the list fetches its next rows as their place comes near. A
long task is what the browser calls one: the page did not answer for 50 ms or more. Beside it stands
how much of the processor the heaviest task took, which other work on the machine disturbs less.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from bench import commands
from bench.browser import agents_page, point_at
from bench.report import table
from bench.server import serve

CONTACTS, ROWS = 10_000, 500
WHEEL_PIXELS = 300  # a turn: about six rows
LIMIT_MS = 50

_WATCH = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(duration);
  }).observe({ type: "longtask" });
}"""
_ROWS_AFTER_A_FRAME = """() => new Promise((done) => requestAnimationFrame(() => {
  done(document.querySelectorAll("#main [data-line]").length);
}))"""
# Chromium's own trace: every task with its processor time, of the thread with the page's frames.
_TRACED = ["toplevel", "devtools.timeline"]
_TASK, _LAYOUT = "ThreadControllerImpl::RunTask", "Layout"


@dataclass(frozen=True)
class Scrolled:
    """One scroll through the rows; milliseconds."""

    long_tasks: list[float]
    heaviest: float  # processor time


def measure(database_url: str, rounds: int) -> list[Scrolled]:
    """So many scrolls, each in a page that is loaded anew."""
    with commands.simulator() as vendor:
        point_at(vendor, database_url)
        with serve(database_url) as server, agents_page(server.port) as page:
            return [_scroll(page) for _round in range(rounds)]


def _scroll(page: Page) -> Scrolled:
    page.goto(page.url)
    page.locator("#softphone-state.is-connected").wait_for()
    page.mouse.move(400, 400)
    page.evaluate(_WATCH)
    with _traced(page) as events:
        while page.evaluate(_ROWS_AFTER_A_FRAME) < ROWS:
            page.mouse.wheel(0, WHEEL_PIXELS)
    threads = Counter((event["pid"], event["tid"]) for event in events if event["name"] == _LAYOUT)
    [(pages_own, _count)] = threads.most_common(1)
    heaviest = max(
        event.get("tdur", 0)
        for event in events
        if event["name"] == _TASK and (event["pid"], event["tid"]) == pages_own
    )
    return Scrolled(page.evaluate("() => window.longTasks"), heaviest / 1000)


@contextmanager
def _traced(page: Page) -> Iterator[list[dict[str, Any]]]:
    """Chromium's trace of the block; the events are there when it has ended."""
    browser = page.context.browser
    assert browser is not None  # it was launched, see agents_page
    session = browser.new_browser_cdp_session()
    events: list[dict[str, Any]] = []
    ended: list[None] = []
    session.on("Tracing.dataCollected", lambda told: events.extend(told["value"]))
    session.on("Tracing.tracingComplete", lambda _told: ended.append(None))
    session.send("Tracing.start", {"traceConfig": {"includedCategories": _TRACED}})
    yield events
    session.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(100)
    session.detach()


def tables(scrolls: Iterable[Scrolled]) -> str:
    """What was measured, as Markdown."""
    rows = [
        (
            str(number),
            str(len(one.long_tasks)),
            f"{max(one.long_tasks, default=0):.0f} ms" if one.long_tasks else "",
            f"{one.heaviest:.0f} ms",
            f"none over {LIMIT_MS} ms: {'missed' if one.long_tasks else 'reached'}",
        )
        for number, one in enumerate(scrolls, start=1)
    ]
    head = ("Round", "Long tasks", "Longest task", "Processor time of the heaviest", "Aim")
    return "\n\n".join([f"### {ROWS} contacts scrolled", table(head, rows)])
