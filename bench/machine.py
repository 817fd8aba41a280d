"""On what was measured: commit, processor, memory, versions. No names of machines or folders."""

import os
import platform
import re
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import create_engine, text

PACKAGES = ("gunicorn", "waitress", "Flask", "SQLAlchemy", "psycopg")


def facts() -> dict[str, str]:
    """Name and value of everything a reader needs to judge the figures."""
    return {
        "Commit": _commit(),
        "Processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores for this run",
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "System": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "SQLite": sqlite3.sqlite_version,
    }


def postgresql_version(url: str) -> str:
    """What the server at this address says of itself."""
    engine = create_engine(url)
    with engine.connect() as connection:
        told = str(connection.execute(text("SHOW server_version")).scalar_one())
    engine.dispose()
    return told


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
