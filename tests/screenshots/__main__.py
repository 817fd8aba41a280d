"""`python -m tests.screenshots`: all pictures; 1 when a program sees a fault in one."""

import argparse
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from crm.translations import LANGUAGES
from tests.screenshots.one_language import take

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "instance" / "screenshots"
OF_THE_README = {
    "screenshot.png": "en/dock-talking-1280-light.png",
    "screenshot-turkish.png": "tr/dock-rings-known-1280-dark.png",
    "screenshot-reports.png": "en/reports-1280-light.png",
    "screenshot-phone.png": "en/dock-rings-known-390-light.png",
}


def main() -> int:
    """A process for each language; ends with the list of faults."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("--readme", action="store_true", help="take the README's over into docs/")
    options = parser.parse_args()
    began = time.monotonic()
    shutil.rmtree(FOLDER, ignore_errors=True)
    with ProcessPoolExecutor(len(LANGUAGES), get_context("spawn")) as processes:
        found = list(processes.map(partial(take, FOLDER), LANGUAGES))
    faults = [fault for _taken, faults in found for fault in faults]
    if options.readme:
        for name, picture in OF_THE_README.items():
            shutil.copy(FOLDER / picture, ROOT / "docs" / name)
    for fault in faults:
        print(f"  ! {fault}")
    print(
        f"screenshots: {sum(taken for taken, _faults in found):,} in {FOLDER}, "
        f"{len(faults)} faults; {time.monotonic() - began:.0f} s"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
