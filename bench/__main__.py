"""`python -m bench`: builds the databases, runs the rounds, prints the tables.

--quick    10,000 contacts, some seconds; on SQLite, or with --only-postgresql
--part     only this part: contacts, webhooks, import, busy, page, reports, first-page,
             contact-files, ring, scroll, inspector
--write    put the figures into docs/benchmarks.md as well
"""

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bench import (
    beside_imports,
    busy,
    contact_files,
    databases,
    first_page,
    flatness,
    hardest,
    import_report,
    imports,
    inspected,
    machine,
    measure,
    page_flood,
    questions,
    report,
    ring_paint,
    scrolling,
    webhook_report,
    webhooks,
    year_reports,
)
from bench.busy import BusyRun
from bench.first_page import Load
from bench.imports import ImportRun
from bench.inspected import InspectedRun
from bench.measure import Series
from bench.page_flood import PageFloodRun
from bench.report import Run
from bench.ring_paint import RingRun
from bench.scrolling import Scrolled
from bench.server import serve
from bench.webhook_report import WebhookRun
from bench.year_reports import YearRun

Told = TypeVar("Told")

SIZES = (10_000, 1_000_000)
QUICK_SIZES = (10_000,)
DOCUMENT = Path("docs/benchmarks.md")
POPS_FOR_MEMORY = 20_000
STEPS_FOR_MEMORY = 5
FLOOD_SECONDS, QUICK_FLOOD_SECONDS = 60, 5
IMPORTED, QUICK_IMPORTED = 20_000, 2_000
IMPORTED_FOR_MEMORY = (10_000, 200_000)
IMPORT_ROUNDS, QUICK_IMPORT_ROUNDS = 5, 2
BUSY_CONTACTS, BUSY_CALLS, QUICK_BUSY_CALLS, BUSY_ROUNDS = 10_000, 68_000, 5_000, 3
PAGE_ROUNDS, SCROLL_ROUNDS = 5, 5
RINGS, QUICK_RINGS = 40, 10
REPORTED, QUICK_REPORTED, REPORT_ROUNDS = 1_000_000, 20_000, 3


def main() -> None:
    """Measure what the arguments ask for."""
    if not sys.platform.startswith("linux"):
        raise SystemExit("The bench reads /proc, so it needs Linux.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # the servers are stopped too
    arguments = _arguments()
    facts = machine.facts()
    for name, (runs, tables, place) in PARTS.items():
        if name in arguments.part:
            _tell(facts, runs(arguments, facts), tables, arguments, place)
    print(report.machine(facts))


def _tell(
    facts: dict[str, str],
    runs: Iterator[Told],
    tables: Callable[[Told], str],
    arguments: argparse.Namespace,
    place: str,
) -> None:
    """Print each run as it is done, and put all of them into their place of the document."""
    told: list[str] = []
    for run in runs:
        told.append(tables(run))
        print(f"\n{told[-1]}\n", flush=True)
        if arguments.write:
            report.write(DOCUMENT, place, "\n\n".join([report.machine(facts), *told]))


def _fresh(
    arguments: argparse.Namespace, facts: dict[str, str], name: str, size: int = 0
) -> Iterator[tuple[str, str]]:
    """Name and address of a new database of each kind that is asked for."""
    if not arguments.only_postgresql:
        yield "SQLite", databases.fresh_sqlite(name, size)
    if arguments.only_sqlite:
        return
    with databases.postgresql_server() as server:
        url = databases.fresh_postgresql(server, name, size)
        facts["PostgreSQL"] = machine.postgresql_version(url)
        yield "PostgreSQL", url


def _webhooks(arguments: argparse.Namespace, facts: dict[str, str]) -> Iterator[WebhookRun]:
    for database, url in _fresh(arguments, facts, "webhooks"):
        yield _webhook_run(database, url, arguments)


def _webhook_run(database: str, url: str, arguments: argparse.Namespace) -> WebhookRun:
    seconds = QUICK_FLOOD_SECONDS if arguments.quick else FLOOD_SECONDS
    with serve(url) as server:
        print(f"{database}, webhooks: {arguments.rounds} rounds …", flush=True)
        rates = webhooks.rates(server, url, arguments.rounds, arguments.seconds)
        print(f"{database}, webhooks: a flood of {seconds} seconds …", flush=True)
        flood = webhooks.flood(server, url, seconds)
        print(f"{database}, webhooks: beside imports …", flush=True)
        return WebhookRun(database, rates, flood, beside_imports.measure(server, url))


def _busy(arguments: argparse.Namespace, facts: dict[str, str]) -> Iterator[BusyRun]:
    for database, url in _fresh(arguments, facts, "busy", BUSY_CONTACTS):
        yield _busy_run(database, url, arguments)


def _busy_run(database: str, url: str, arguments: argparse.Namespace) -> BusyRun:
    count = QUICK_BUSY_CALLS if arguments.quick else BUSY_CALLS
    busy.add_calls(url, count)
    emails = databases.add_agents(url, busy.AGENTS)
    with serve(url) as server:
        pops = questions.all_of(url, BUSY_CONTACTS)[1]
        rounds = min(BUSY_ROUNDS, arguments.rounds)
        print(f"{database}, a busy server: {rounds} rounds …", flush=True)
        return busy.measure(server, url, database, pops, emails, calls=count, rounds=rounds)


def _page_flood(arguments: argparse.Namespace, _facts: object) -> Iterator[PageFloodRun]:
    rounds = min(PAGE_ROUNDS, arguments.rounds)
    print(f"SQLite, a flooded page: {rounds} rounds …", flush=True)
    yield page_flood.measure(databases.fresh_sqlite("page"), rounds)


def _first_page(_arguments: object, _facts: object) -> Iterator[list[Load]]:
    print("SQLite, the first page, cold and warm …", flush=True)
    yield first_page.measure(databases.fresh_sqlite("first-page", first_page.CONTACTS))


def _scroll(arguments: argparse.Namespace, _facts: object) -> Iterator[list[Scrolled]]:
    rounds = min(SCROLL_ROUNDS, arguments.rounds)
    print(f"SQLite, {scrolling.ROWS} contacts scrolled: {rounds} rounds …", flush=True)
    yield scrolling.measure(databases.fresh_sqlite("scroll", scrolling.CONTACTS), rounds)


def _contact_files(
    arguments: argparse.Namespace, facts: dict[str, str]
) -> Iterator[list[contact_files.Took]]:
    sizes = contact_files.QUICK_SIZES if arguments.quick else contact_files.SIZES
    name, before = "contact-files", contact_files.CONTACTS
    if not arguments.only_postgresql:
        yield contact_files.measure("SQLite", lambda: databases.fresh_sqlite(name, before), sizes)
    if arguments.only_sqlite:
        return
    with databases.postgresql_server() as server:
        url = databases.fresh_postgresql(server, name, before)
        facts["PostgreSQL"] = machine.postgresql_version(url)
        fresh = partial(databases.fresh_postgresql, server, name, before)
        yield contact_files.measure("PostgreSQL", fresh, sizes)


def _rings(arguments: argparse.Namespace, facts: dict[str, str]) -> Iterator[RingRun]:
    rings, size = QUICK_RINGS if arguments.quick else RINGS, ring_paint.CONTACTS
    print(f"From the ring to the card: {rings} rings on each database …", flush=True)
    for database, url in _fresh(arguments, facts, "ring", size):
        yield ring_paint.measure(database, url, rings)


def _inspected(arguments: argparse.Namespace, facts: dict[str, str]) -> Iterator[InspectedRun]:
    for database, url in _fresh(arguments, facts, "inspector", inspected.CONTACTS):
        print(f"{database}, the inspector: {arguments.rounds} rounds …", flush=True)
        with serve(url) as server:
            pops = questions.all_of(url, inspected.CONTACTS)[1]
            yield inspected.measure(server, url, database, pops, arguments.rounds)


def _reports(arguments: argparse.Namespace, facts: dict[str, str]) -> Iterator[YearRun]:
    count = QUICK_REPORTED if arguments.quick else REPORTED
    rounds = min(REPORT_ROUNDS, arguments.rounds)
    for database, url in _fresh(arguments, facts, "reports"):
        yield year_reports.measure(database, url, count, rounds)


def _imports(arguments: argparse.Namespace, facts: dict[str, str]) -> Iterator[ImportRun]:
    quick = arguments.quick
    rounds = QUICK_IMPORT_ROUNDS if quick else min(IMPORT_ROUNDS, arguments.rounds)
    size = QUICK_IMPORTED if quick else IMPORTED
    memory = () if quick else IMPORTED_FOR_MEMORY

    def measured(database: str, fresh: Callable[[], str]) -> ImportRun:
        return imports.measure(database, fresh, rounds=rounds, size=size, memory_sizes=memory)

    if not arguments.only_postgresql:
        yield measured("SQLite", lambda: databases.fresh_sqlite("import"))
    if arguments.only_sqlite:
        return
    with databases.postgresql_server() as server:
        facts["PostgreSQL"] = machine.postgresql_version(
            databases.fresh_postgresql(server, "import")
        )
        yield measured("PostgreSQL", lambda: databases.fresh_postgresql(server, "import"))


def _contacts(arguments: argparse.Namespace, facts: dict[str, str]) -> Iterator[Run]:
    """SQLite, then PostgreSQL unless it is to be left out."""
    sizes = QUICK_SIZES if arguments.quick else SIZES
    if not arguments.only_postgresql:
        yield _run("SQLite", {size: databases.sqlite(size) for size in sizes}, arguments)
    if arguments.only_sqlite:
        return
    with databases.postgresql_server() as server:
        urls = {size: databases.postgresql(server, size) for size in sizes}
        facts["PostgreSQL"] = machine.postgresql_version(urls[sizes[0]])
        yield _run("PostgreSQL", urls, arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the CRM.")
    parser.add_argument("--quick", action="store_true", help="10,000 contacts, a few rounds")
    parser.add_argument("--only-sqlite", action="store_true", help="leave PostgreSQL out")
    parser.add_argument("--only-postgresql", action="store_true", help="leave SQLite out")
    parser.add_argument("--part", action="append", choices=PARTS, help="default: all")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {DOCUMENT}")
    parser.add_argument("--rounds", type=int, default=0, help="default: 15, with --quick 3")
    parser.add_argument("--seconds", type=float, default=0, help="of load a question and round")
    arguments = parser.parse_args()
    arguments.part = arguments.part or PARTS
    # What is quick is quick on SQLite, unless PostgreSQL is asked for.
    arguments.only_sqlite |= arguments.quick and not arguments.only_postgresql
    arguments.rounds = arguments.rounds or (3 if arguments.quick else 15)
    arguments.seconds = arguments.seconds or (0.5 if arguments.quick else 0.8)
    return arguments


def _run(database: str, urls: dict[int, str], arguments: argparse.Namespace) -> Run:
    """All rounds on one kind of database; the servers of all its sizes run side by side."""
    with ExitStack() as running:
        servers = {size: running.enter_context(serve(url)) for size, url in urls.items()}
        sizes: dict[int, list[Series]] = {}
        for size, url in urls.items():
            print(f"{database}, {size:,} contacts: asking everything once …", flush=True)
            asked = questions.all_of(url, size)
            sizes[size] = [measure.prepare(servers[size], question) for question in asked]
        print(f"{database}: {arguments.rounds} rounds …", flush=True)
        groups = [(servers[size], series) for size, series in sizes.items()]
        measure.rounds(groups, arguments.rounds, arguments.seconds)
        largest = max(urls)
        print(f"{database}: the hardest searches …", flush=True)
        searches = hardest.ask(servers[largest])
        memory = []
        if not arguments.quick:
            print(f"{database}: {POPS_FOR_MEMORY:,} pops for the memory …", flush=True)
            pops = next(s for s in sizes[largest] if s.question.name == "screen pop").requests
            memory = flatness.watch(
                servers[largest], pops, pops=POPS_FOR_MEMORY, steps=STEPS_FOR_MEMORY
            )
    return Run(database, sizes, searches, memory)


# What is measured, how it is told, and where its figures stand in the document.
PARTS: dict[str, tuple[Callable[..., Iterator[Any]], Callable[[Any], str], str]] = {
    "contacts": (_contacts, report.tables, report.CONTACTS),
    "webhooks": (_webhooks, webhook_report.tables, report.WEBHOOKS),
    "import": (_imports, import_report.tables, report.IMPORT),
    "busy": (_busy, busy.tables, report.BUSY),
    "page": (_page_flood, page_flood.tables, report.PAGE),
    "reports": (_reports, year_reports.tables, report.REPORTS),
    "first-page": (_first_page, first_page.tables, report.FIRST_PAGE),
    "contact-files": (_contact_files, contact_files.tables, report.CONTACT_FILES),
    "ring": (_rings, ring_paint.tables, report.RING),
    "scroll": (_scroll, scrolling.tables, report.SCROLL),
    "inspector": (_inspected, inspected.tables, report.INSPECTOR),
}

if __name__ == "__main__":
    main()
