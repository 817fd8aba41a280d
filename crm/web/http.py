"""The HTTP server: gunicorn runs the processes, and in each of them waitress reads the requests.

`gunicorn.conf.py` names `WaitressWorker`. A request gets a thread only when it is complete, so slow
clients hold none. Why these two: docs/adr/0016-http-server.md.
"""

import gc
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
# Larger than the limit of a page, which is reported in words.
LARGEST_BODY = 2 * 1024 * 1024

# Characters that are invalid in a request line but are sent: curl and many IVRs do not encode. Bare
# line ends stay and are refused: a proxy in front might take one for the end of the line.
_RAW = re.compile(rb"[^\x21\x22\x24-\x7e\r\n]")


class WaitressWorker(Worker):
    """One process of gunicorn."""

    def run(self) -> None:
        """Serve until gunicorn stops the process, then finish the requests under way."""
        quiet_loggers()
        # What is loaded now stays: looking through it for garbage would stop a request for 80 ms.
        gc.freeze()
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
            server.close_idle()
            server.turn()
        server.close()


class Server:
    """Reads requests from listening sockets and answers them, one `turn` at a time."""

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
            clear_untrusted_proxy_headers=False,  # TRUSTED_PROXIES decides that
            log_socket_errors=False,
            ident="",
        )
        self._doors = [one for one in self._open.values() if isinstance(one, BaseWSGIServer)]
        for door in self._doors:
            door.channel_class = Connection

    @property
    def is_busy(self) -> bool:
        """Whether a client still waits for an answer."""
        return any(one.is_busy for one in self._connections)

    def turn(self, seconds: float = SECONDS_BETWEEN_LOOKS) -> None:
        """Wait at most `seconds` for sockets that are ready; read from them and send to them."""
        wasyncore.loop(seconds, use_poll=True, map=self._open, count=1)
        now = time.monotonic()
        for one in self._connections:
            if one.request is not None and now - one.request.began > SLOWEST_REQUEST:
                one.will_close = True

    def stop_listening(self) -> None:
        """Accept no connections but those that wait already; open ones go on."""
        for door in self._doors:
            before = None
            while before != len(self._open):
                before = len(self._open)
                door.handle_accept()
            door.del_channel()
            door.socket.close()

    def close_idle(self) -> None:
        """Close the connections on which nothing is under way: a proxy keeps them for its next
        request, which would get no answer here.
        """
        for one in self._connections:
            if not one.is_busy and not one.has_more:
                one.handle_close()

    def close(self) -> None:
        """Close all connections and end the threads."""
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._open)

    @property
    def _connections(self) -> list["Connection"]:
        return [one for one in self._open.values() if isinstance(one, Connection)]


def quiet_loggers() -> None:
    """Clean waitress's errors, which name paths; drop its warnings about queued requests."""
    logging.getLogger("waitress").addFilter(CleanLines())
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class Served:
    """The application with an access log: one line for each answer."""

    def __init__(self, application: Any, log: Callable[[str], None] | None) -> None:
        self._application = application
        self._log = log

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI. The path is logged without its query, which has what people searched for."""
        began, path = time.monotonic(), environ.get("PATH_INFO", "")

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            if self._log is not None:
                length = dict(headers).get("Content-Length", "-")
                took = f"{(time.monotonic() - began) * 1000:.0f}ms"
                method = path_for_log(environ["REQUEST_METHOD"])
                words = f'"{method} {path_for_log(path)}" {status[:3]} {length} {took}'
                address = path_for_log(environ.get("REMOTE_ADDR") or "-")  # as a proxy reports it
                self._log(f"{address} {_moment()} {words}")
            return start_response(status, headers, *more)

        answer: Iterable[bytes] = self._application(environ, started)
        return answer

    def refused(self, request: "Request", address: str) -> None:
        """Log and count a request that could not be parsed and did not reach the application."""
        if self._log is not None:
            self._log(f'{address} {_moment()} "(cannot be read)" {request.error.code} - 0ms')
        if request.is_for_webhooks:
            with self._application.app_context():
                refused_webhooks.count(refused_webhooks.UNREADABLE)


def _moment() -> str:
    return time.strftime("[%d/%b/%Y:%H:%M:%S %z]")


class Request(HTTPRequestParser):
    """Parses requests more leniently than the standard: programs do not always encode."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.began = time.monotonic()
        self._first_line = b""

    @property
    def is_for_webhooks(self) -> bool:
        """Whether it was meant for a webhook, judging by its beginning."""
        return b"webhook" in (self._first_line or self.header_plus[:4096]).lower()

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head after encoding raw letters and spaces in the address."""
        line, end, rest = header_plus.partition(b"\r\n")
        if not self.header_plus or self.header_plus.startswith(line):
            self._first_line = line
        super().parse_header(encoded(line) + end + rest)


def encoded(line: bytes) -> bytes:
    """The request line with its address percent-encoded where it has to be.

    `#` too: no client sends the fragment of an address, but a queue may be called "C#".
    """
    method, _space, rest = line.strip().partition(b" ")
    address, _space, version = rest.rpartition(b" ")
    if not version.startswith(b"HTTP/"):
        return line
    address = _RAW.sub(lambda found: b"%%%02X" % found[0][0], address.strip())
    return b" ".join([method, address, version])


class Refusal(ErrorTask):
    """The answer to a request that cannot be parsed."""

    def execute(self) -> None:
        """Count the request and answer with the error."""
        self.channel.server.application.refused(self.request, self.channel.addr[0])
        super().execute()


class Connection(HTTPChannel):
    """A connection whose requests are parsed by `Request`."""

    parser_class = Request
    error_task_class = Refusal

    @property
    def is_busy(self) -> bool:
        """Whether a request is under way, or likely to come: the connection is new."""
        is_new = time.time() - self.creation_time < SECONDS_TO_BEGIN
        return bool(is_new or self.request or self.requests or self.total_outbufs_len)

    @property
    def has_more(self) -> bool:
        """Whether a request has come that was not read yet."""
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:  # nothing is there
            return False
