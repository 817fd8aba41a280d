"""Hangup posts while imports run: does a post wait for them?

A few posts a second, an import that is killed in the middle of a page and begun again, some times,
and then the same import in two terminals at once.

`bench.__main__` runs it. The calls of the import are the simulator's own, those of the posts none
that anybody knows.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import requests
from sqlalchemy import Engine, create_engine, func, select

from bench import commands, webhooks
from bench.databases import FOLDER, SECRET_KEY
from bench.server import Server
from crm.models import Call, CdrImport

RATE = 4.0  # posts a second
RECORDS = 2500
KILLS = 4
SECONDS_BETWEEN_KILLS = (1.5, 2.5)
FOLDED_WITHIN = 120.0


@dataclass(frozen=True)
class Beside:
    """took: seconds each post took. failed: posts that were not answered 200. lost: posts whose
    call is not on record. pages: read by the imports meanwhile.
    """

    took: list[float]
    failed: int
    lost: int
    pages: int


def measure(server: Server, database_url: str) -> Beside:
    """Post until the import was killed KILLS times and two terminals have read it to its end."""
    engine = create_engine(database_url)
    over = threading.Event()
    took: list[float] = []
    failed: list[str] = []
    with commands.simulator() as vendor, webhooks.pointed_at(vendor, database_url):
        webhooks.invent(vendor, calls=RECORDS)
        url = f"http://127.0.0.1:{server.port}/webhooks/hangup/{webhooks.secret_of(database_url)}"
        posts = threading.Thread(target=_post, args=(url, over, took, failed))
        with commands.worker(database_url):
            posts.start()
            for _kill in range(KILLS):
                with _import(database_url) as process:
                    time.sleep(random.uniform(*SECONDS_BETWEEN_KILLS))
                    process.send_signal(signal.SIGKILL)
            with _import(database_url) as one, _import(database_url) as other:
                one.wait()
                other.wait()
            over.set()
            posts.join()
            _wait_until_folded(engine, len(took))
        lost = len(took) - _kept(engine)
    pages = _count(engine, select(func.sum(CdrImport.__table__.c.pages)))
    engine.dispose()
    return Beside(took, len(failed), lost, pages)


def _post(url: str, over: threading.Event, took: list[float], failed: list[str]) -> None:
    """One post after the other at RATE, each on a thread of its own as from a vendor's many."""
    threads = []
    place = 0
    while not over.wait(1 / RATE):
        thread = threading.Thread(target=_post_one, args=(url, place, took, failed))
        thread.start()
        threads.append(thread)
        place += 1
    for thread in threads:
        thread.join()


def _post_one(url: str, place: int, took: list[float], failed: list[str]) -> None:
    form = {"call_id": f"beside imports {place}", "called_num": "05320000001", "duration": "7"}
    began = time.perf_counter()
    try:
        status = requests.post(url, data=form | {"disposition": "ANSWER"}, timeout=60).status_code
    except requests.RequestException:
        status = 0
    took.append(time.perf_counter() - began)
    if status != 200:
        failed.append(f"{place}: {status}")


@contextmanager
def _import(database_url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`flask cdr import` of the calls, in a process of its own."""
    today = datetime.now(UTC)
    days = [f"{today + timedelta(days=days):%Y-%m-%d}" for days in (-2, 1)]
    command = ["-m", "flask", "--app", "app", "cdr", "import", "--tenant", "bench"]
    process = subprocess.Popen(
        [sys.executable, *command, "--from", days[0], "--to", days[1]],
        cwd=FOLDER / "run",
        env=os.environ
        | {
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "PYTHONPATH": str(commands.ROOT),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _wait_until_folded(engine: Engine, posts: int) -> None:
    until = time.monotonic() + FOLDED_WITHIN
    while _kept(engine) < posts and time.monotonic() < until:
        time.sleep(0.5)


def _kept(engine: Engine) -> int:
    """Posts whose call is on record."""
    ours = Call.__table__.c.activecallkey.like("beside imports %")
    return _count(engine, select(func.count()).select_from(Call.__table__).where(ours))


def _count(engine: Engine, statement: object) -> int:
    with engine.connect() as connection:
        return int(connection.execute(statement).scalar_one() or 0)  # type: ignore[call-overload]
