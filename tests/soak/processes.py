"""The day's processes: started as in production, killed with SIGKILL, started again.

Each writes its words to a file in the run's folder.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak.vendor import HOST

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 60.0
STOPS_WITHIN = 15.0
FLASK = (sys.executable, "-m", "flask", "--app", "app")
GUNICORN = (sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py"))


@dataclass
class Program:
    """One process and what it starts. port: it runs when it answers there; path: to what."""

    name: str
    command: Sequence[str]
    folder: Path
    environ: dict[str, str]
    port: int | None = None
    path: str = "/"
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / f"{self.name}.log").open("ab") as words:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        if self.port is not None:
            self._wait_until_it_answers(self.port)

    @property
    def pid(self) -> int:
        """Of the first process, which the others belong to."""
        assert self.process is not None
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> bool:
        """kill -9, with all that it started; whether it was running."""
        if not self.is_running:
            return False
        os.killpg(self.pid, signal.SIGKILL)
        return self.wait(STOPS_WITHIN) == -signal.SIGKILL

    def kill_one_child(self) -> bool:
        """kill -9 of one process that it started; whether that is gone."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        if not children:
            return False
        os.kill(int(children[0]), signal.SIGKILL)
        return True

    def wait(self, seconds: float) -> int | None:
        """Its exit status, None while it runs on."""
        assert self.process is not None
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Ask it to end, and make it end."""
        if self.is_running:
            os.killpg(self.pid, signal.SIGTERM)
            if self.wait(STOPS_WITHIN) is None:
                self.kill()

    def _wait_until_it_answers(self, port: int) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while self.is_running and time.monotonic() < until:
            connection = http.client.HTTPConnection(HOST, port, timeout=2)
            try:
                connection.request("GET", self.path)
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
            finally:
                connection.close()
        raise SystemExit(f"The {self.name} does not answer; see {self.folder}/{self.name}.log")


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def environment(**settings: str) -> dict[str, str]:
    """What the CRM's processes are told: these settings alone, whatever a `.env` says."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    own = {"FLASK_SKIP_DOTENV": "1", "PYTHONPATH": str(ROOT)}
    unset = {
        "REDIS_URL": "",
        "TRUSTED_PROXIES": "0",
        "ALLOWED_HOSTS": "",
        "TELEPHONY_SESSION_HOURS": "8",
    }
    return kept | own | unset | settings
