"""A tiny HTTP server that answers as told, or does what no decent server does.

Each answer is a function that gets the open connection; the last one told is repeated.
"""

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Vendor:
    """Runs in threads of its own until `close`; keeps what it was asked."""

    def __init__(self) -> None:
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                vendor.answer(self)

            do_HEAD = do_POST = do_GET  # noqa: N815 - the server's names

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.asked: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.cookies: list[str | None] = []
        self.agents: list[str | None] = []
        self.closing = threading.Event()
        self._answers: list[Answer] = []
        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def will(self, *answers: "Answer") -> None:
        """Answer the next requests like this, one after another."""
        self._answers = list(answers)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        query = urlsplit(handler.path).query
        self.asked.append({name: values[0] for name, values in parse_qs(query).items()})
        self.paths.append(handler.path)
        self.cookies.append(handler.headers.get("Cookie"))
        self.agents.append(handler.headers.get("User-Agent"))
        play = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        play(self, handler)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class QuietServer(ThreadingHTTPServer):
    """Threads that outlive a test end with it; a client that goes away is no news."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


Answer = Callable[[Vendor, BaseHTTPRequestHandler], None]


def says(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with JSON."""
    return sends(json.dumps(content), "application/json", status=status, headers=headers)


def sends(
    text: str,
    content_type: str = "text/html",
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Answer with any text."""

    def play(vendor: Vendor, handler: BaseHTTPRequestHandler) -> None:
        body = text.encode()
        handler.send_response(status)
        given = {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}
        for name, value in given.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return play


def says_nothing(vendor: Vendor, handler: BaseHTTPRequestHandler) -> None:
    """Keep the line open without a word."""
    vendor.closing.wait(5)
    handler.close_connection = True


def resets(vendor: Vendor, handler: BaseHTTPRequestHandler) -> None:
    """Break the connection off."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True
    handler.connection.close()


def stops_in_the_middle(vendor: Vendor, handler: BaseHTTPRequestHandler) -> None:
    """Promise more than comes."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"success": tr')
    handler.close_connection = True


def dribbles(first: bytes) -> Answer:
    """Send something, then a byte now and then, each well within any read timeout."""

    def play(vendor: Vendor, handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        while not vendor.closing.wait(0.02):
            handler.wfile.write(b"x")
        handler.close_connection = True

    return play


def never_ends(vendor: Vendor, handler: BaseHTTPRequestHandler) -> None:
    """Send as fast as it goes, without end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    while not vendor.closing.is_set():
        handler.wfile.write(b" " * 1_000_000)
