"""A light client: keep-alive connections from one thread, one request on each at a time.

It runs in the bench's own process, so `Load.client_cpu` tells what share of the machine it took
away from the server. Loopback only; count and time are bounded by the caller.
"""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

LONGEST_ANSWER = 4 * 1024 * 1024
WAIT_SECONDS = 30.0
HOST = "127.0.0.1"


class UnexpectedAnswerError(RuntimeError):
    """The server answered something other than 200; figures of it would mean nothing."""


@dataclass(frozen=True)
class Load:
    """What one stretch of load showed. seconds: wall clock; client_cpu: seconds of the client."""

    requests: int
    seconds: float
    client_cpu: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


@dataclass(frozen=True)
class Answer:
    """One answer: its body and how many seconds it took."""

    body: bytes
    seconds: float


class Connection:
    """One kept-alive connection with at most one request on its way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=WAIT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def send(self, request: bytes) -> None:
        """Send one request."""
        self._received = b""
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """Read what has come: the body when the answer is whole, else None."""
        part = self.socket.recv(65536)
        received = self._received = self._received + part if self._received else part
        head_ends = received.find(b"\r\n\r\n")
        if head_ends < 0 and part:
            return None
        if not received.startswith(b"HTTP/1.1 200 "):
            raise UnexpectedAnswerError(received[:500].decode(errors="replace") or "nothing")
        length_at = received.index(b"Content-Length: ") + 16
        length = int(received[length_at : received.index(b"\r", length_at)])
        if not part or length > LONGEST_ANSWER:
            raise UnexpectedAnswerError("an answer that breaks off or has no end")
        body_at = head_ends + 4
        return received[body_at:] if len(received) - body_at == length else None

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


def one_by_one(port: int, requests: Sequence[bytes]) -> Iterator[Answer]:
    """Send the requests one after the other, as a single agent would, and time each."""
    connection = Connection(port)
    try:
        for request in requests:
            started = time.perf_counter()
            connection.send(request)
            body = connection.receive()
            while body is None:
                body = connection.receive()
            yield Answer(body, time.perf_counter() - started)
    finally:
        connection.close()


def saturate(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: float,
    count: int | None = None,
    start: int = 0,
) -> Load:
    """Keep all connections busy with the requests, in turn from `start`, for some seconds.

    With `count` it ends after so many answers, if that is sooner.
    """
    wanted = islice(cycle(requests), start % len(requests), None)
    opened = [Connection(port) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    try:
        for connection in opened:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(wanted))
        return _run(selector, wanted, seconds, count)
    finally:
        selector.close()
        for connection in opened:
            connection.close()


def _run(
    selector: selectors.BaseSelector, wanted: Iterator[bytes], seconds: float, count: int | None
) -> Load:
    answered = 0
    cpu = time.process_time()
    started = now = time.perf_counter()
    while now - started < seconds and (count is None or answered < count):
        events = selector.select(WAIT_SECONDS)
        if not events:
            raise UnexpectedAnswerError(f"no answer for {WAIT_SECONDS:.0f} seconds")
        for key, _ in events:
            connection: Connection = key.data
            if connection.receive() is not None:
                answered += 1
                connection.send(next(wanted))
        now = time.perf_counter()
    return Load(answered, now - started, time.process_time() - cpu)
