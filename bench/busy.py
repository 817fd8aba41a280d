"""A pop on a busy server: while others export and send half requests, and beside an import.

`bench.__main__` runs it. Ten agents export all calls as Excel files at once, again and again, and a
hundred connections hold half a head or half a body; beside that one agent's phone rings, pop after
pop. Then an import of a million records runs in a process of its own. Each round is compared with
the quiet one right before it.
"""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median, quantiles

from sqlalchemy import create_engine, insert

from bench.load import HOST, one_by_one
from bench.questions import Question
from bench.report import spread, table
from bench.server import Server, log_in
from crm.models import Call, CallState, utc_now

AGENTS = 10
SLOW_CONNECTIONS = 100
POPS = 300
RECORDS = 1_000_000
AIM = 3.0  # times the quiet p95 at most, beside exports and slow connections
IMPORT_AIM = 4 / 3  # times the quiet median at most, beside an import
BATCH = 10_000
EXPORT = "/calls/export.xlsx"
GIVE_UP_SECONDS = 600
# After the pops. Those that wait for their turn are told to come again after two minutes.
LAST_EXPORT_WITHIN = 150.0
_HEAD = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"


@dataclass
class BusyRun:
    """Seconds of each pop, a list a round."""

    database: str
    calls: int
    quiet: list[list[float]] = field(default_factory=list)
    busy: list[list[float]] = field(default_factory=list)
    quiet_again: list[list[float]] = field(default_factory=list)
    importing: list[list[float]] = field(default_factory=list)
    files: int = 0  # exports that came to their end
    later: int = 0  # exports that were told to come again


def add_calls(database_url: str, count: int) -> None:
    """Calls without events, enough for an export that takes its time."""
    engine, now = create_engine(database_url), utc_now()
    row = {"tenant_id": 1, "state": CallState.ENDED, "number": "05320000001", "queue": "Support"}
    row |= {"started_at": now, "talk_seconds": 60, "note": "wants to be called back", "sources": {}}
    with engine.begin() as connection:
        for start in range(0, count, BATCH):
            connection.execute(insert(Call), [row] * min(BATCH, count - start))
    engine.dispose()


def measure(
    server: Server,
    url: str,
    database: str,
    pops: Question,
    emails: list[str],
    *,
    calls: int,
    rounds: int,
) -> BusyRun:
    """So many rounds, quiet and busy in turn."""
    run = BusyRun(database, calls)
    requests = [server.request(path) for path in pops.paths[:POPS]]
    list(one_by_one(server.port, requests))
    cookies = [log_in(server.port, email) for email in emails]
    for number in range(rounds):
        print(f"… round {number + 1}; it ends when the last export has …", flush=True)
        run.quiet.append([answer.seconds for answer in one_by_one(server.port, requests)])
        with _exports(server.port, cookies, run), _slow_connections(server.port):
            time.sleep(1)  # all of it is under way
            run.busy.append([answer.seconds for answer in one_by_one(server.port, requests)])
    for _round in range(rounds):
        run.quiet_again.append([answer.seconds for answer in one_by_one(server.port, requests)])
        with _import(url):
            run.importing.append([answer.seconds for answer in one_by_one(server.port, requests)])
    return run


def tables(run: BusyRun) -> str:
    """What was measured, as Markdown."""
    of_all = (
        ("quiet", run.quiet),
        ("beside exports and slow connections", run.busy),
        ("quiet", run.quiet_again),
        ("beside an import", run.importing),
    )
    rows = [
        (words, *(f"{1000 * value:.1f} ms" for value in (_median(rounds), _middle_p95(rounds))))
        for words, rounds in of_all
    ]
    exports = [_p95(b) / _p95(q) for b, q in zip(run.busy, run.quiet, strict=True)]
    pairs = list(zip(run.importing, run.quiet_again, strict=True))
    imports = [median(b) / median(q) for b, q in pairs]
    told = (
        f"{len(exports)} rounds of {POPS} pops. Beside exports, p95 against quiet: "
        f"{spread(exports)}; aim at most {AIM:.0f}: {_verdict(exports, AIM)}. "
        f"{AGENTS} exports of {run.calls:,} calls at once: {run.files} files came to their end, "
        f"{run.later} were told to come again. {SLOW_CONNECTIONS} slow connections. "
        f"Beside an import, median against quiet: {spread(imports)}; aim at most "
        f"{IMPORT_AIM:.2f}: {_verdict(imports, IMPORT_AIM)}; p95: "
        f"{spread([_p95(b) / _p95(q) for b, q in pairs])}."
    )
    head = ("A pop", "median", "p95")
    return "\n\n".join([f"### A busy server, {run.database}", table(head, rows), told])


def _verdict(ratios: list[float], aim: float) -> str:
    return "reached" if median(ratios) <= aim else "missed"


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def _median(rounds: list[list[float]]) -> float:
    return median(second for one in rounds for second in one)


def _middle_p95(rounds: list[list[float]]) -> float:
    return median(_p95(one) for one in rounds)


@contextmanager
def _slow_connections(port: int) -> Iterator[None]:
    opened = []
    for number in range(SLOW_CONNECTIONS):
        connection = socket.create_connection((HOST, port))
        connection.sendall((_HEAD + ("\r\nx=" if number % 2 else "X-Slow: ")).encode())
        opened.append(connection)
    try:
        yield
    finally:
        for connection in opened:
            connection.close()


@contextmanager
def _import(url: str) -> Iterator[None]:
    """An import that has written its first page goes on in a process of its own."""
    command = [sys.executable, "-m", "bench.importing", url, str(RECORDS), "beside"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if not process.stdout or not process.stdout.readline():
                raise SystemExit("The import beside the pops ended early.")
            yield
            if process.poll() is not None:
                raise SystemExit("The import beside the pops ended early.")
        finally:
            process.kill()


@contextmanager
def _exports(port: int, cookies: list[str], run: BusyRun) -> Iterator[None]:
    """Each agent asks for the next file as soon as one has come, until the block ends."""
    enough = threading.Event()
    agents = [
        threading.Thread(target=_export, args=(port, cookie, run, enough), daemon=True)
        for cookie in cookies
    ]
    for agent in agents:
        agent.start()
    try:
        yield
    finally:
        enough.set()
        until = time.monotonic() + LAST_EXPORT_WITHIN
        for agent in agents:
            agent.join(max(0.0, until - time.monotonic()))
        if any(agent.is_alive() for agent in agents):
            print("… exports go on beside what follows: this machine is too busy", flush=True)


def _export(port: int, cookie: str, run: BusyRun, enough: threading.Event) -> None:
    while not enough.is_set():
        connection = HTTPConnection(HOST, port, timeout=GIVE_UP_SECONDS)
        connection.request("GET", EXPORT, headers={"Cookie": cookie, "Host": f"localhost:{port}"})
        answer = connection.getresponse()
        while answer.read(65536):
            pass
        connection.close()
        if answer.status == 200:
            run.files += 1
        else:
            run.later += 1
            enough.wait(1)
