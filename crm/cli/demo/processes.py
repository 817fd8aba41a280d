"""Child processes of `flask demo`: started, watched and stopped together.

When one dies the others are stopped; a signal to the parent stops them all.
"""

import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

import click

SECONDS_TO_ANSWER = 60
SECONDS_TO_STOP = 4
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Child:
    """One process. It is ready when GET `path` on `port` answers 200; without a port, at once."""

    name: str
    command: Sequence[str]
    port: int | None = None
    path: str = "/"
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Start it in a group of its own: Ctrl-C in the terminal reaches the parent alone."""
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def has_died(self) -> bool:
        """Whether it has ended."""
        return self.process is not None and self.process.poll() is not None

    def answers(self) -> bool:
        """Whether it is ready."""
        if self.port is None:
            return True
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", self.path)
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def signal(self, number: int) -> None:
        """Send a signal to it and to what it started."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)


class Children:
    """`with` starts them and stops them; inside it `watch` waits for a signal or a death."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self._stopping = threading.Event()
        self._before: dict[int, object] = {}

    def __enter__(self) -> "Children":
        for number in SIGNALS:
            self._before[number] = signal.signal(number, lambda *_: self._stopping.set())
        try:
            for child in self.children:
                child.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def wait_until_they_answer(self) -> None:
        """Return when all are ready or a signal came. Ends the command when one dies or hangs."""
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        for child in self.children:
            while not self._stopping.is_set() and not child.answers():
                self._raise_if_one_died()
                if time.monotonic() > deadline:
                    raise click.ClickException(f"The {child.name} does not answer; all is stopped.")
                self._stopping.wait(0.1)
        self._raise_if_one_died()

    def watch(self) -> None:
        """Return when a signal came. Ends the command when one dies."""
        while not self._stopping.wait(0.3):
            self._raise_if_one_died()

    def stop(self) -> None:
        """Ask all to end; kill those that have not after a few seconds."""
        for child in self.children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_STOP
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.signal(signal.SIGKILL)
                child.process.wait()

    def _raise_if_one_died(self) -> None:
        for child in self.children:
            if child.has_died() and not self._stopping.is_set():
                raise click.ClickException(
                    f"The {child.name} has ended by itself (its last words are above); "
                    "all is stopped."
                )
