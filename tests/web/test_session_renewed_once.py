"""One login for an agent at a moment, over the processes of the server as it is shipped.

Each test starts gunicorn with `gunicorn.conf.py` and sends it 40 requests at once, all with one
session that Call Center Studio accepts no longer.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, request

from crm.settings import Settings
from crm.simulator import api as simulator_api
from tests.conftest import SECRET_KEY
from tests.web.conftest import PASSWORD, add_agent
from tests.world import Simulator, running_simulator, tenant_at

BURST = 40
DEADLINE = 60.0  # of a test's own waiting, on a busy machine

pytestmark = pytest.mark.both_databases


@pytest.fixture
def vendor() -> Iterator[Simulator]:
    with running_simulator(sessions_per_agent=5) as simulator:
        yield simulator


@pytest.fixture
def server(
    app: Flask, settings: Settings, vendor: Simulator, tmp_path: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """The shipped server, with a tenant and an agent; `address` says where."""
    add_agent(tenant_at(vendor.url, SECRET_KEY), "ayse@demo.example", "Ayşe Demir")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    log = tmp_path / "log"
    environ = {"DATABASE_URL": settings.database_url, "SECRET_KEY": SECRET_KEY, "PORT": port}
    with log.open("w") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "app:app"],
            env={"PATH": os.environ["PATH"]} | environ,
            stdout=words,
            stderr=words,
        )
        process.address = f"http://127.0.0.1:{port}"  # type: ignore[attr-defined]
        try:
            wait_until_it_answers(process, log)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(DEADLINE)


def wait_until_it_answers(process: Any, log: Path) -> None:
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until and process.poll() is None:
        with suppress(requests.ConnectionError):
            if requests.get(f"{process.address}/healthz", timeout=5).ok:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture
def expired(server: Any, vendor: Simulator) -> requests.Session:
    """Ayşe's browser: logged in, with a session that has expired without anybody's knowledge."""
    browser = requests.Session()
    form = browser.get(f"{server.address}/login", timeout=DEADLINE).text
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', form)
    assert found
    content = {"email": "ayse@demo.example", "password": PASSWORD, "csrf_token": found[1]}
    page = browser.post(f"{server.address}/login", data=content, timeout=DEADLINE)
    found = re.search(r'id="csrf-token" content="([^"]+)"', page.text)
    assert found
    browser.headers.update({"X-CSRFToken": found[1], "HX-Request": "true"})
    assert vendor.asked["login"] == 1
    vendor.console("expire-sessions")
    vendor.asked.clear()
    return browser


def burst(server: Any, browser: requests.Session) -> list[requests.Response]:
    """What 40 requests of one moment are answered; those whose process dies get no answer."""
    together = threading.Barrier(BURST)

    def one() -> requests.Response | None:
        together.wait(DEADLINE)
        with suppress(requests.ConnectionError):
            return requests.post(
                f"{server.address}/softphone/check",
                cookies=browser.cookies.get_dict(),
                headers=browser.headers,
                timeout=DEADLINE,
            )
        return None

    with ThreadPoolExecutor(BURST) as pool:
        answers = [task.result() for task in [pool.submit(one) for _ in range(BURST)]]
    return [answer for answer in answers if answer is not None]


def keys(answers: list[requests.Response]) -> set[str | None]:
    """The iframe's addresses, which hold the key."""
    found = (re.search(r'data-src="([^"]+)"', answer.text) for answer in answers)
    return {address[1] if address else None for address in found}


def test_forty_requests_with_one_expired_key_make_one_login(
    server: Any, expired: requests.Session, vendor: Simulator
) -> None:
    answers = burst(server, expired)
    assert len(answers) == BURST
    assert vendor.asked["login"] == 1
    assert len(keys(answers)) == 1
    assert None not in keys(answers)
    assert all('data-answered="yes"' in answer.text for answer in answers)


def test_when_the_login_fails_it_is_tried_once_and_all_are_told_why(
    server: Any, expired: requests.Session, vendor: Simulator
) -> None:
    vendor.console("switches", refuse_login=True)
    answers = burst(server, expired)
    assert len(answers) == BURST
    assert vendor.asked["login"] == 1
    assert all("Kullanıcı bulunamadı" in answer.text for answer in answers)


def test_when_the_process_that_logs_in_is_killed_another_takes_over(
    server: Any, expired: requests.Session, vendor: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in = simulator_api.FUNCTIONS["login"]

    def kill_the_first() -> dict[str, Any]:
        if vendor.asked["login"] == 1:
            worker = process_behind(int(request.environ["REMOTE_PORT"]), server)
            os.kill(worker, signal.SIGKILL)
        return log_in()

    monkeypatch.setitem(simulator_api.FUNCTIONS, "login", kill_the_first)
    answers = burst(server, expired)
    assert answers
    assert vendor.asked["login"] == 2
    assert len(keys(answers)) == 1
    assert all('data-answered="yes"' in answer.text for answer in answers)


def process_behind(port: int, server: Any) -> int:
    """The worker of the server that has a connection from this port."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    inodes = [line.split()[9] for line in lines if line.split()[1].endswith(f":{port:04X}")]
    for worker in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split():
        for descriptor in os.listdir(f"/proc/{worker}/fd"):
            with suppress(OSError):  # closed meanwhile
                opened = os.readlink(f"/proc/{worker}/fd/{descriptor}")
                if opened in {f"socket:[{inode}]" for inode in inodes}:
                    return int(worker)
    raise AssertionError("no worker has this connection")
