"""The import of contacts from a file: seconds of each stage, and the peak of its process's memory.

`python -m bench.contact_files URL ROWS` is one import in a process of its own, on a database with
contacts in it; it prints a line of JSON. `measure` starts it for files of several lengths.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select

from bench.databases import SECRET_KEY
from bench.report import table
from crm.contact_files import job, runs, uploads
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, ContactImport, Stage
from crm.settings import Settings

SIZES, QUICK_SIZES = (10_000, 100_000), (2_000, 4_000)
CONTACTS = 10_000  # there before
MEMORY_AIM = 1.1
STAGES = ("reading", "checking", "writing", "undoing")


@dataclass(frozen=True)
class Took:
    """One import: seconds of each of STAGES, bytes at its peak."""

    database: str
    rows: int
    seconds: dict[str, float]
    peak: int


def measure(database: str, fresh: Callable[[], str], sizes: tuple[int, ...]) -> list[Took]:
    """An import of each size on a fresh database."""
    found = []
    for rows in sizes:
        print(f"{database}, {rows:,} contacts from a file …", flush=True)
        command = [sys.executable, "-m", "bench.contact_files", fresh(), str(rows)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode:
            raise SystemExit(f"The bench of the files ended early: {answer.stderr[-2000:]}")
        told = json.loads(answer.stdout.splitlines()[-1])
        found.append(Took(database, rows, told["seconds"], told["peak"]))
    return found


def tables(found: list[Took]) -> str:
    """What was measured, as Markdown."""
    rows = []
    for one in found:
        ratio = one.peak / found[0].peak
        told = "" if one is found[0] else f"{ratio:.2f} (aim: at most {MEMORY_AIM:.2f})"
        seconds = [f"{one.seconds[stage]:.1f} s" for stage in STAGES]
        rows.append((f"{one.rows:,}", *seconds, f"{one.peak / 2**20:.1f} MiB", told))
    head = ["Rows", *map(str.title, STAGES), "Peak memory of the process", "Against the first"]
    return f"### Contacts from a file, {found[0].database}\n\n" + table(head, rows)


def main() -> None:
    """Import as the arguments say, take it back, and print what it took."""
    url, rows = sys.argv[1], int(sys.argv[2])
    app = create_app(Settings(secret_key=SECRET_KEY, database_url=url))
    with app.app_context():
        agent_id = db.session.scalar(select(Agent.id).limit(1)) or 0
        import_id = uploads.begin("people.csv", 0, asked_by_id=agent_id, region="TR")
        for place, piece in enumerate(_pieces(rows)):
            uploads.add_piece(import_id, place, piece)
        uploads.finish_upload(import_id)
        seconds = {"reading": _work(import_id)}
        runs.check(import_id, list(runs.get(import_id).targets))
        seconds["checking"] = _work(import_id)
        runs.write(import_id, same="update", shared="add")
        seconds["writing"] = _work(import_id)
        done = sum(db.session.get_one(ContactImport, import_id).done.values())
        runs.undo(import_id)
        seconds["undoing"] = _work(import_id)
        if (done, runs.get(import_id).stage) != (rows, Stage.UNDONE):
            raise SystemExit(f"{done} of {rows} rows were dealt with")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak": peak}))


def _work(import_id: int) -> float:
    began = time.perf_counter()
    while job.go_on(import_id, seconds=job.SECONDS):
        pass
    return time.perf_counter() - began


def _pieces(rows: int) -> Iterator[bytes]:
    lines = iter(
        f"Person {place % 9973} Öz;Kuzey {place % 900};053{place % 8} {2_000_000 + place // 8};"
        f"k{place}@kuzey.example;A note\n"
        for place in range(rows)
    )
    yield "Ad Soyad;Şirket;Cep Telefonu;E-posta;Notlar\n".encode()
    while some := list(islice(lines, 5_000)):
        yield "".join(some).encode()


if __name__ == "__main__":
    main()
