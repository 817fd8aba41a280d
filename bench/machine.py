"""On what was measured: commit, processor, memory, versions. No names of machines or folders."""

import os
import platform
import re
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import create_engine, text

PACKAGES = ("gunicorn", "Flask", "SQLAlchemy", "psycopg")


def facts(postgresql_url: str | None) -> dict[str, str]:
    """Name and value of everything a reader needs to judge the figures."""
    found = {
        "Commit": _commit(),
        "Processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores for this run",
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "System": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "SQLite": sqlite3.sqlite_version,
    }
    if postgresql_url:
        found["PostgreSQL"] = _postgresql(postgresql_url)
    return found


def _commit() -> str:
    commit = _git("rev-parse", "--short=12", "HEAD")
    measured = ("crm", "templates", "bench", "gunicorn.conf.py", "requirements.txt")
    changed = _git("status", "--porcelain", "--", *measured)
    return f"{commit} and changes not committed" if changed else commit


def _git(*words: str) -> str:
    answer = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or ("unknown" if answer.returncode else "")


def _processor() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _postgresql(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        told = str(connection.execute(text("SHOW server_version")).scalar_one())
    engine.dispose()
    return told
