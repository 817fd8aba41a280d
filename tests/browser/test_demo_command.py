"""`flask demo` as a new user starts it: one command, an empty folder, no settings at all."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]
SECONDS_TO_START = 90
SECONDS_TO_STOP = 60


def test_it_starts_everything_with_a_company_and_keeps_it(tmp_path: Path) -> None:
    ports = free_ports()
    with demo(tmp_path, *ports) as said:
        assert "ayse@demo.example" in said
        assert "A small company was made up" in said
        assert answers(ports[0], "/healthz")
        assert answers(ports[1], "/")
        assert "Elif Şahin" in contacts_of(ports[0], "Elif")
    assert not answers(ports[0], "/healthz")
    assert not answers(ports[1], "/")

    other_ports = free_ports()
    with demo(tmp_path, *other_ports) as said:
        assert "A small company was made up" not in said
        assert f"http://127.0.0.1:{other_ports[1]}" in tenant_page_of(other_ports[0])


def test_it_starts_nothing_when_a_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        taken = somebody.getsockname()[1]
        process = start(tmp_path, taken, free_ports()[1])
        said, _ = process.communicate(timeout=SECONDS_TO_START)
    assert process.returncode == 1
    assert f"Port {taken} is taken. Set PORT" in said
    assert not (tmp_path / "instance/demo/crm.db").exists()


@contextmanager
def demo(folder: Path, port: int, simulator_port: int) -> Iterator[str]:
    """A running demo and what it has printed; stopped as Ctrl-C does, which must end it well."""
    process = start(folder, port, simulator_port)
    watchdog = threading.Timer(SECONDS_TO_START, process.kill)
    watchdog.start()
    try:
        yield read_until(process, "Ctrl-C stops everything")
    finally:
        watchdog.cancel()
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=SECONDS_TO_STOP)
    assert process.returncode == 0
    assert "Everything is stopped." in said


def start(folder: Path, port: int, simulator_port: int) -> "subprocess.Popen[str]":
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("SECRET_KEY", "DATABASE_URL", "PUBLIC_URL", "FLASK_APP")
    }
    environment |= {
        "PORT": str(port),
        "SIMULATOR_PORT": str(simulator_port),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "FLASK_SKIP_DOTENV": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "demo"],
        cwd=folder,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"the demo ended before it was ready:\n{said}")


def contacts_of(port: int, search: str) -> str:
    return logged_in(port, "Ayşe Demir").get(f"{address(port)}/contacts", params={"q": search}).text


def tenant_page_of(port: int) -> str:
    return logged_in(port, "Deniz Arslan").get(f"{address(port)}/settings/tenants/1").text


def logged_in(port: int, name: str) -> requests.Session:
    """Press the login page's button of a demo agent."""
    browser = requests.Session()
    browser.trust_env = False
    page = browser.get(f"{address(port)}/login").text
    (form,) = [part for part in page.split("<form")[1:] if name in part]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    answer = browser.post(f"{address(port)}/login", data=fields, allow_redirects=False)
    assert answer.status_code == http.HTTPStatus.SEE_OTHER, answer.text
    return browser


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except ConnectionRefusedError:
        return False
    finally:
        connection.close()


def free_ports() -> tuple[int, int]:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        return one.getsockname()[1], two.getsockname()[1]
