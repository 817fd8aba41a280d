"""Starts the CRM as shipped - gunicorn with `gunicorn.conf.py` - on one database, and logs in.

The only difference to `make run` is the application, which has one more, empty route.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import urlencode

from bench import processes
from bench.commands import ROOT
from bench.databases import AGENT_EMAIL, AGENT_PASSWORD, FOLDER, SECRET_KEY
from bench.load import HOST

STARTS_WITHIN = 30.0
CONFIG = str(ROOT / "gunicorn.conf.py")
# What Chrome and htmx send with every request; both sides of a ratio carry it.
BROWSER = {
    "Accept": "text/html",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9,tr;q=0.8",
    "Connection": "keep-alive",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Safari/537.36",
}


@dataclass(frozen=True)
class Server:
    """A running CRM with an agent logged in."""

    port: int
    pid: int
    cookie: str

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        return processes.children(self.pid)

    def cpu_seconds(self) -> float:
        """Processor seconds of all workers so far."""
        return sum(map(processes.cpu_seconds, self.workers))

    def request(self, path: str) -> bytes:
        """A GET as the page sends it, ready for the socket."""
        headers = BROWSER | {
            "Host": f"localhost:{self.port}",
            "Cookie": self.cookie,
            "HX-Request": "true",
            "HX-Request-Type": "partial",
            "HX-Current-URL": f"http://localhost:{self.port}/contacts",
            "HX-Source": "input#search",
            "HX-Target": "main#main",
            "Referer": f"http://localhost:{self.port}/contacts",
        }
        lines = [f"GET {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@contextmanager
def serve(database_url: str) -> Iterator[Server]:
    """Run the CRM on this database; it is stopped when the block ends.

    It has a folder of its own: an export closes the folder `instance` to other users, and when root
    runs the bench its PostgreSQL is another user.
    """
    port = _free_port()
    folder = (FOLDER / "run").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryFile() as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", CONFIG, "bench.served:app"],
            cwd=folder,
            env=_environment(database_url, port),
            stdout=subprocess.DEVNULL,  # the access log is written, as in production
            stderr=words,
            start_new_session=True,
        )
        try:
            _wait_until_it_answers(process, port, words)
            yield Server(port, process.pid, log_in(port))
        finally:
            _stop(process)


def _environment(database_url: str, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    own = {"DATABASE_URL": database_url, "PORT": str(port), "SECRET_KEY": SECRET_KEY}
    return kept | own | {"PYTHONPATH": str(ROOT)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int, words: IO[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if _get(port, "/healthz", "")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    words.seek(0)
    raise SystemExit(f"The server did not start. Its own words:\n{words.read().decode()}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STARTS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def log_in(port: int, email: str = AGENT_EMAIL) -> str:
    """Log in as a browser does, with the form and its token. The tenant has no app token, so
    nobody outside is asked."""
    _, page, cookies = _get(port, "/login", "")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if token is None:
        raise SystemExit("The login page has no csrf_token.")
    form = {"email": email, "password": AGENT_PASSWORD, "csrf_token": token[1]}
    connection = HTTPConnection(HOST, port, timeout=STARTS_WITHIN)
    headers = {"Cookie": cookies, "Host": f"localhost:{port}"}
    headers |= {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/login", urlencode(form), headers)
    answer = connection.getresponse()
    if answer.status != 303:
        raise SystemExit(f"The agent of the bench could not log in: {answer.status}")
    return _cookies(answer.headers.get_all("Set-Cookie") or [])


def _get(port: int, path: str, cookies: str) -> tuple[int, str, str]:
    connection = HTTPConnection(HOST, port, timeout=STARTS_WITHIN)
    try:
        connection.request("GET", path, headers={"Cookie": cookies, "Host": f"localhost:{port}"})
        answer = connection.getresponse()
        body = answer.read().decode()
        return answer.status, body, _cookies(answer.headers.get_all("Set-Cookie") or [])
    finally:
        connection.close()


def _cookies(set_cookie: list[str]) -> str:
    return "; ".join(line.partition(";")[0] for line in set_cookie)
