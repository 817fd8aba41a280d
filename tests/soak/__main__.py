"""`python -m tests.soak`: a whole day. SOAK_CALLS: how many; SOAK_DATABASE: sqlite, postgresql."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm.private_files import make_folder
from crm.settings import Settings
from tests.soak import databases, day
from tests.soak.installation import SECRET_KEY
from tests.soak.plan import DAY, SMALLEST, in_words, plan
from tests.soak.processes import ROOT, free_port

FOLDER = ROOT / "instance" / "soak"


def main() -> int:
    """Run the day; 0 when every call is on record as the vendor tells it, and all troubles came."""
    calls = int(os.environ.get("SOAK_CALLS") or DAY)
    kind = os.environ.get("SOAK_DATABASE") or "sqlite"
    if calls < SMALLEST or kind not in ("sqlite", "postgresql"):
        print(f"SOAK_CALLS is at least {SMALLEST}, SOAK_DATABASE sqlite or postgresql.")
        return 2
    started = time.monotonic()
    the_plan = plan(calls)
    print(f"{in_words(the_plan)}\nDatabase: {kind}. Words of the processes: {FOLDER}", flush=True)
    with _folder(), databases.fresh(kind, FOLDER) as database_url:
        port = free_port()
        settings = Settings(
            secret_key=SECRET_KEY,
            database_url=database_url,
            public_url=f"http://127.0.0.1:{port}",
            port=port,
        )
        result = day.live(the_plan, settings, FOLDER)
    for complaint in result.complaints:
        print(f"  ! {complaint}")
    print(f"soak: {result.line}; {_duration(time.monotonic() - started)}")
    return 0 if not result.complaints else 1


@contextmanager
def _folder() -> Iterator[Path]:
    """An empty folder; what an earlier run left goes."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    make_folder(FOLDER)
    yield FOLDER


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


if __name__ == "__main__":
    sys.exit(main())
