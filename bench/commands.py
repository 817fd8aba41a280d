"""Starts `flask worker` and `flask simulator` as people do, in a folder of the bench's own.

The folder keeps the worker's queue apart from the one of an installation in this checkout.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from bench.databases import FOLDER, SECRET_KEY
from bench.load import HOST

ROOT = Path(__file__).parents[1]
STARTS_WITHIN = 30.0


@contextmanager
def worker(database_url: str) -> Iterator[None]:
    """The background work is done until the block ends."""
    with _running("worker", {"DATABASE_URL": database_url}):
        yield


@contextmanager
def simulator() -> Iterator[str]:
    """A vendor on this machine; gives its address, without a slash at its end."""
    port = free_port()
    with _running("simulator", {"SIMULATOR_PORT": str(port)}):
        url = f"http://{HOST}:{port}"
        _wait_for(f"{url}/console/api/state")
        yield url


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: str, settings: dict[str, str]) -> Iterator[None]:
    folder = (FOLDER / "run").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    own = {"SECRET_KEY": SECRET_KEY, "REDIS_URL": "", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", command],
        cwd=folder,
        env=kept | own | settings,
        stdout=subprocess.DEVNULL,
        stderr=(folder / f"{command}.log").open("wb"),
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise SystemExit(f"Nobody answers at {url}.")
