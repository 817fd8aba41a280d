"""How HTTP is spoken: gunicorn keeps the processes, in each of them waitress reads the requests.

`gunicorn.conf.py` names `WaitressWorker`. A request comes to a thread when all of it is there, so
slow heads and bodies cost none. Why these two: docs/adr/0016-http-server.md.
"""

import logging
import os
import re
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask

from crm.web import refused_webhooks
from crm.web.log_lines import CleanLines, path_for_log

SECONDS_BETWEEN_LOOKS = 0.5
SLOWEST_REQUEST = 60  # seconds from its first byte to its last
SECONDS_TO_BEGIN = 1
IDLE_CONNECTION = 60  # seconds; a browser opens another one
MOST_CONNECTIONS = 800  # of a process, which may have 1,024 files open
LARGEST_HEAD = 64 * 1024
# Larger than what a page takes: its own limit is told in words.
LARGEST_BODY = 2 * 1024 * 1024

# What has no place in a request line, but is sent: curl and many IVRs write words as they are. A
# line's end alone stays and is refused: a proxy in front might take it for the end of the line.
_RAW = re.compile(rb"[^\x21\x22\x24-\x7e\r\n]")


class WaitressWorker(Worker):
    """One process of gunicorn's."""

    def run(self) -> None:
        """Serve until gunicorn says that it is enough, then finish what has begun."""
        quiet_loggers()
        log = self.log.access_log.info if self.cfg.accesslog else None
        listeners = [listener.sock for listener in self.sockets]
        server = Server(Served(self.wsgi, log), listeners, threads=self.cfg.threads)
        while self.alive and self.ppid == os.getppid():
            self.notify()
            server.turn()
        server.stop_listening()
        until = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < until and server.is_busy:
            self.notify()
            server.turn()


class Server:
    """Reads requests from some listening sockets and answers them, a `turn` at a time."""

    def __init__(
        self, application: "Served", listeners: list[socket.socket], *, threads: int
    ) -> None:
        self._open: dict[int, Any] = {}
        self._server = create_server(
            application,
            map=self._open,
            sockets=listeners,
            threads=threads,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=IDLE_CONNECTION,
            max_request_header_size=LARGEST_HEAD,
            max_request_body_size=LARGEST_BODY,
            clear_untrusted_proxy_headers=False,  # TRUSTED_PROXIES alone says whom to believe
            log_socket_errors=False,
            ident="",
        )
        self._doors = [one for one in self._open.values() if isinstance(one, BaseWSGIServer)]
        for door in self._doors:
            door.channel_class = Connection

    @property
    def is_busy(self) -> bool:
        """Whether somebody still waits for an answer."""
        return any(one.is_busy for one in self._connections)

    def turn(self, seconds: float = SECONDS_BETWEEN_LOOKS) -> None:
        """Read and send what can be, after waiting for it at most so long."""
        wasyncore.loop(seconds, use_poll=True, map=self._open, count=1)
        now = time.monotonic()
        for one in self._connections:
            if one.request is not None and now - one.request.began > SLOWEST_REQUEST:
                one.will_close = True

    def stop_listening(self) -> None:
        """Take no new connection; those that are open go on."""
        for door in self._doors:
            door.del_channel()
            door.socket.close()

    def close(self) -> None:
        """Hang up on all, and end the threads."""
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._open)

    @property
    def _connections(self) -> list["Connection"]:
        return [one for one in self._open.values() if isinstance(one, Connection)]


def quiet_loggers() -> None:
    """Waitress names paths in its errors, and tells of every request that waits for a thread."""
    logging.getLogger("waitress").addFilter(CleanLines())
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class Served:
    """The application as it is served: each answer is a line of the access log."""

    def __init__(self, application: Any, log: Callable[[str], None] | None) -> None:
        self._application = application
        self._log = log

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI. The path is logged without its query: queries hold what people searched for."""
        began, path = time.monotonic(), environ.get("PATH_INFO", "")

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            if self._log is not None:
                length = dict(headers).get("Content-Length", "-")
                took = f"{(time.monotonic() - began) * 1000:.0f}ms"
                method = path_for_log(environ["REQUEST_METHOD"])
                words = f'"{method} {path_for_log(path)}" {status[:3]} {length} {took}'
                address = path_for_log(environ.get("REMOTE_ADDR") or "-")  # as a proxy tells it
                self._log(f"{address} {_moment()} {words}")
            return start_response(status, headers, *more)

        answer: Iterable[bytes] = self._application(environ, started)
        return answer

    def refused(self, request: "Request", address: str) -> None:
        """One that could not be read, so the application has not seen it."""
        if self._log is not None:
            self._log(f'{address} {_moment()} "(cannot be read)" {request.error.code} - 0ms')
        if request.is_for_webhooks:
            with self._application.app_context():
                refused_webhooks.count(refused_webhooks.UNREADABLE)


def _moment() -> str:
    return time.strftime("[%d/%b/%Y:%H:%M:%S %z]")


class Request(HTTPRequestParser):
    """Reads a request as people and programs write it, not only as the standard has it."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.began = time.monotonic()
        self._first_line = b""

    @property
    def is_for_webhooks(self) -> bool:
        """Whether it was meant for them, as far as its beginning tells."""
        return b"webhook" in (self._first_line or self.header_plus[:4096]).lower()

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, in whose address raw letters and spaces are taken for encoded ones."""
        line, end, rest = header_plus.partition(b"\r\n")
        if not self.header_plus or self.header_plus.startswith(line):
            self._first_line = line
        super().parse_header(encoded(line) + end + rest)


def encoded(line: bytes) -> bytes:
    """A request line whose address holds what must be percent-encoded: encoded.

    `#` too: no client sends the part of an address that stays with it, but a queue may be "C#".
    """
    method, _space, rest = line.strip().partition(b" ")
    address, _space, version = rest.rpartition(b" ")
    if not version.startswith(b"HTTP/"):
        return line
    address = _RAW.sub(lambda found: b"%%%02X" % found[0][0], address.strip())
    return b" ".join([method, address, version])


class Refusal(ErrorTask):
    """The answer to a request that cannot be read."""

    def execute(self) -> None:
        """Count it, and say what is wrong."""
        self.channel.server.application.refused(self.request, self.channel.addr[0])
        super().execute()


class Connection(HTTPChannel):
    """A connection, whose requests are read as `Request` does."""

    parser_class = Request
    error_task_class = Refusal

    @property
    def is_busy(self) -> bool:
        """Whether a request is on its way, or is likely to be: it was opened a moment ago."""
        is_new = time.time() - self.creation_time < SECONDS_TO_BEGIN
        return bool(is_new or self.request or self.requests or self.total_outbufs_len)
