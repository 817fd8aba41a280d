"""The demo's processes belong together: one that dies or a signal ends them all."""

import os
import signal
import socket
import sys
import threading

import click
import pytest

from crm.cli.demo.processes import Child, Children
from crm.cli.ports import check_free

WAITS = (sys.executable, "-c", "import time; time.sleep(60)")
DIES = (sys.executable, "-c", "raise SystemExit(3)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
)


def test_a_child_that_dies_is_named_and_ends_the_others() -> None:
    waiting, dying = Child("worker", WAITS), Child("simulator", DIES)
    with (
        pytest.raises(click.ClickException, match="The simulator has ended by itself"),
        Children([waiting, dying]) as children,
    ):
        children.watch()
    assert waiting.has_died()


def test_a_child_that_never_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.cli.demo.processes.SECONDS_TO_ANSWER", 0)
    with (
        pytest.raises(click.ClickException, match="The CRM does not answer"),
        Children([Child("CRM", WAITS, port=free_port())]) as children,
    ):
        children.wait_until_they_answer()


def test_a_signal_ends_all_of_them() -> None:
    child = Child("worker", WAITS)
    with Children([child]) as children:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
        children.watch()
    assert child.has_died()


def test_a_stubborn_child_is_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.cli.demo.processes.SECONDS_TO_STOP", 0.1)
    child = Child("worker", STUBBORN)
    with Children([child]):
        pass
    assert child.has_died()


def test_a_port_that_is_taken_is_told_with_the_variable_to_set() -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]
        with pytest.raises(click.ClickException, match=f"Port {port} is taken. Set PORT to"):
            check_free({"PORT": port, "SIMULATOR_PORT": free_port()})


def test_both_cannot_have_the_same_port() -> None:
    port = free_port()
    with pytest.raises(click.ClickException, match="must not be the same port"):
        check_free({"PORT": port, "SIMULATOR_PORT": port})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
