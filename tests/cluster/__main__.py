"""`python -m tests.cluster`: the run, its table, and 1 when a promise was broken.

--agents N  how many (200); --quick: 20 agents, 10 s; --write: the table into docs/scale.md
"""

import argparse
import resource
import shutil
import sys
import threading
import time
from pathlib import Path

from bench import machine
from bench.report import table
from crm.private_files import make_folder
from tests.cluster import report
from tests.cluster.day import Wish, live
from tests.soak.processes import ROOT

FOLDER = ROOT / "instance/cluster"
MOST_AGENTS = 2000
OPEN_FILES = 8192
SHOWN = 20


def main() -> int:
    """Run it."""
    arguments = _arguments()
    agents = arguments.agents or (20 if arguments.quick else 200)
    quick = arguments.quick
    idle, busy, every = (2.0, 10.0, 5.0) if quick else (20.0, 60.0, 30.0)
    wish = Wish(agents, idle, busy, arguments.every or every)
    folder = arguments.folder or FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)
    threading.stack_size(256 * 1024)  # two threads and two connections for each agent
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, OPEN_FILES), hard))
    print(f"{agents} agents. Words of the processes: {folder}", flush=True)
    began = time.monotonic()
    result = live(wish, folder)
    complaints = report.complaints(result)
    text = report.text(result)
    print(f"\n{text}\n")
    for complaint in complaints[:SHOWN]:
        print(f"  ! {complaint}")
    if len(complaints) > SHOWN:
        print(f"  … and {len(complaints) - SHOWN} more")
    print(f"cluster: {'a promise was broken' if complaints else 'kept all promises'}; ", end="")
    print(f"{time.monotonic() - began:.0f} s")
    if arguments.write:
        measured_on = table(("Measured on", ""), machine.facts().items())
        report.write(ROOT / "docs/scale.md", agents, f"{measured_on}\n\n{text}")
    return 1 if complaints else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    parser.add_argument("--agents", type=int, choices=range(5, MOST_AGENTS + 1), metavar="N")
    parser.add_argument("--every", type=float, help="seconds between two calls of an agent (30)")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", type=Path, help="for the processes' files")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
