"""A pop while others export and while somebody opens connections and sends half a request on each.

`bench.__main__` runs it. Ten agents export all calls as Excel files at once, again and again, and a
hundred connections hold half a head or half a body; beside that one agent's phone rings, pop after
pop. Each round is compared with the quiet one right before it.
"""

import socket
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
AIM = 3.0  # times the quiet p95 at most
BATCH = 10_000
EXPORT = "/calls/export.xlsx"
GIVE_UP_SECONDS = 600
_HEAD = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"


@dataclass
class BusyRun:
    """quiet, busy: seconds of each pop, a list a round. files: exports that came to their end;
    later: those that were told to come again.
    """

    database: str
    calls: int
    quiet: list[list[float]] = field(default_factory=list)
    busy: list[list[float]] = field(default_factory=list)
    files: int = 0
    later: int = 0


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
    server: Server, database: str, pops: Question, emails: list[str], *, calls: int, rounds: int
) -> BusyRun:
    """So many rounds, quiet and busy in turn."""
    run = BusyRun(database, calls)
    requests = [server.request(path) for path in pops.paths[:POPS]]
    list(one_by_one(server.port, requests))
    cookies = [log_in(server.port, email) for email in emails]
    for _round in range(rounds):
        run.quiet.append([answer.seconds for answer in one_by_one(server.port, requests)])
        with _exports(server.port, cookies, run), _slow_connections(server.port):
            time.sleep(1)  # all of it is under way
            run.busy.append([answer.seconds for answer in one_by_one(server.port, requests)])
    return run


def tables(run: BusyRun) -> str:
    """What was measured, as Markdown."""
    ratios = [_p95(b) / _p95(q) for b, q in zip(run.busy, run.quiet, strict=True)]
    middle = median(ratios)
    rows = [
        (words, *(f"{1000 * value:.1f} ms" for value in (_median(rounds), _middle_p95(rounds))))
        for words, rounds in (("quiet", run.quiet), ("busy", run.busy))
    ]
    verdict = "reached" if middle <= AIM else "missed"
    told = (
        f"p95 busy against quiet, {len(ratios)} rounds of {POPS} pops: {spread(ratios)}; "
        f"aim at most {AIM:.0f}: {verdict}. "
        f"{AGENTS} exports of {run.calls:,} calls at once: {run.files} files came to their end, "
        f"{run.later} were told to come again. {SLOW_CONNECTIONS} slow connections."
    )
    head = ("A pop", "median", "p95")
    return "\n\n".join([f"### A busy server, {run.database}", table(head, rows), told])


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
def _exports(port: int, cookies: list[str], run: BusyRun) -> Iterator[None]:
    """Each agent asks for the next file as soon as one has come, until the block ends."""
    enough = threading.Event()
    agents = [
        threading.Thread(target=_export, args=(port, cookie, run, enough)) for cookie in cookies
    ]
    for agent in agents:
        agent.start()
    try:
        yield
    finally:
        enough.set()
        for agent in agents:
            agent.join(GIVE_UP_SECONDS)


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
