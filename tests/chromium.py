"""Finds the Chromium that browser tests drive: `python -m tests.chromium` installs a missing one.

`make test` runs that first, so that a missing browser is installed or is an error, never a skip.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

DEBIANS_OWN = Path("/usr/bin/chromium")


def find() -> str | None:
    """Debian's Chromium, else the one that Playwright installed, else None."""
    return str(DEBIANS_OWN) if DEBIANS_OWN.exists() else _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install Debian's Chromium where that is allowed, else Playwright's build of it."""
    for commands in (_with_apt(), [[sys.executable, "-m", "playwright", "install", "chromium"]]):
        done = [subprocess.run(command, check=False).returncode == 0 for command in commands]
        if done and all(done) and find():
            return


def _with_apt() -> list[list[str]]:
    if not shutil.which("apt-get"):
        return []
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if as_root and not shutil.which("sudo"):
        return []
    return [
        [*as_root, "apt-get", "update", "--quiet", "--quiet"],
        [*as_root, "apt-get", "install", "--yes", "--quiet", "--quiet", "chromium"],
    ]


def main() -> None:
    """Make sure that there is a Chromium, or end with a word about what to do."""
    if find():
        return
    print("No Chromium here: installing one for the browser tests …", flush=True)
    install()
    if not find():
        sys.exit(
            "The browser tests need Chromium and none could be installed. Install it (on Debian: "
            "apt install chromium) and run again."
        )


if __name__ == "__main__":
    main()
