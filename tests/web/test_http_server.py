"""The server as it is shipped, over sockets: what curl, an IVR and an attacker send it.

One gunicorn with `gunicorn.conf.py` serves all tests of this file.
"""

import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from wsgiref.types import StartResponse

import pytest
from sqlalchemy import create_engine, text

from crm.extensions import db
from crm.factory import create_app
from crm.models import Tenant
from crm.models.inbox_file import SUFFIX
from crm.settings import Settings
from crm.web import http
from crm.web.http import LARGEST_HEAD, MOST_CONNECTIONS
from tests.conftest import SECRET_KEY

SECRET = "dGhlIGhvb2sgc2VjcmV0IG9mIHRlbmFudCBkZW1v"
DEADLINE = 60.0
CALLER = "5329998877"


@dataclass
class Server:
    """A running CRM: its port, its database, and the file that its words go to."""

    port: int
    database: str
    log: Path

    def send(self, request: bytes, *, wait: float = DEADLINE) -> bytes:
        """The whole answer to some bytes."""
        with socket.create_connection(("127.0.0.1", self.port), wait) as connection:
            connection.sendall(request)
            answer = b""
            # Who is refused before all was sent may be cut off before all was read.
            with suppress(ConnectionResetError):
                while piece := connection.recv(65536):
                    answer += piece
        return answer

    def get(self, target: bytes, head: bytes = b"") -> int:
        """The status of a GET, whose target goes out as it is."""
        request = b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n"
        return int(self.send(request % (target, head)).split(b" ")[1])

    def half(self, request: bytes) -> socket.socket:
        """A connection on which the rest of a request never comes."""
        connection = socket.create_connection(("127.0.0.1", self.port), DEADLINE)
        connection.sendall(request)
        return connection

    def rows(self, statement: str, file: str = "") -> list[tuple[object, ...]]:
        """What the database has, or the file of that ending beside it."""
        engine = create_engine(self.database + file)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(statement))]
        engine.dispose()
        return found

    def payload(self, key: str) -> dict[str, str]:
        """What was kept of the notification with this key."""
        [payload] = self.arrived(key + '"')
        found: dict[str, str] = json.loads(payload)
        return found

    def arrived(self, text: str) -> list[str]:
        """What came and holds this; no worker takes it over here."""
        found = self.rows(
            f"SELECT payload FROM webhook_inbox WHERE payload LIKE '%{text}%'", SUFFIX
        )
        return [str(payload) for [payload] in found]

    def lines(self, mark: str, at_least: int = 1) -> list[str]:
        """The lines of the log that hold this."""
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            found = [line for line in self.log.read_text().split("\n") if mark in line]
            if len(found) >= at_least:
                break
            time.sleep(0.05)
        return found


@pytest.fixture(scope="module")
def server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    database = f"sqlite:///{shutil.copy(sqlite_template, folder / 'crm.db')}"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    served = Server(port, database, folder / "log")
    add_tenant(database)
    environ = {"DATABASE_URL": database, "SECRET_KEY": SECRET_KEY, "PORT": str(port)}
    with served.log.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "app:app"],
            env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"} | environ,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(served, process)
            yield served
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(DEADLINE)


def add_tenant(database: str) -> None:
    app = create_app(Settings(secret_key=SECRET_KEY, database_url=database))
    with app.app_context():
        db.session.add(
            Tenant(name="demo", host="h", api_url="a", softphone_url="s", hook_secret=SECRET)
        )
        db.session.commit()
        db.engine.dispose()


def wait_for(server: Server, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until and process.poll() is None:
        try:
            if server.get(b"/healthz") == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(server.log.read_text())


QUERIES: list[tuple[str, bytes, dict[str, str]]] = [
    ("k-utf8", "queue=Satış".encode(), {"queue": "Satış"}),
    ("k-1254", b"queue=Sat\xfd\xfe", {"queue": "Satış"}),
    ("k-space", b"queue=VIP desk 2", {"queue": "VIP desk 2"}),
    ("k-both", "queue=Satış ve destek".encode(), {"queue": "Satış ve destek"}),
    ("k-signs", b'queue="a"<b>|{c}^`\\', {"queue": '"a"<b>|{c}^`\\'}),
    ("k-hash", b"queue=C#&x=1", {"queue": "C#", "x": "1"}),
    ("k-percent", b"queue=%zz%", {"queue": "%zz%"}),
    ("k-tab", b"queue=a\tb\x01c", {"queue": "a\tb\x01c"}),
    ("k-encoded", b"queue=Sat%C4%B1%C5%9F+x", {"queue": "Satış x"}),
    ("k-long", b"queue=" + b"q" * 3900 + b"&x=" + b"y" * 3900, {"x": "y" * 3900}),
]


@pytest.mark.parametrize(("key", "query", "kept"), QUERIES)
def test_a_notification_is_taken_as_curl_and_ivrs_write_it(
    server: Server, key: str, query: bytes, kept: dict[str, str]
) -> None:
    target = f"/webhooks/notification/{SECRET}?CallID={key}&".encode() + query
    assert server.get(target) == 200
    assert server.payload(key).items() >= kept.items()


@pytest.mark.parametrize(
    "path", ["//webhooks/notification/", "/webhooks//notification//", "///webhooks/notification/"]
)
def test_double_slashes_are_meant_as_one(server: Server, path: str) -> None:
    key = f"k{len(path)}-{path.count('//')}"
    assert server.get(f"{path}{SECRET}?CallID={key}".encode()) == 200
    assert server.payload(key) == {"CallID": key}


def test_a_line_that_ends_within_is_refused(server: Server) -> None:
    """Two programs that see two requests in it would let somebody past the one in front."""
    for end in (b"\n", b"\r"):
        assert server.get(b"/healthz" + end + b"Host: elsewhere") == 400


def test_a_post_in_pieces_is_taken_and_one_over_the_limit_refused(server: Server) -> None:
    head = f"POST /webhooks/hangup/{SECRET} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    head += "Transfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"

    def pieces(body: bytes) -> bytes:
        return head.encode() + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)

    assert b" 200 " in server.send(pieces(b"call_id=k-pieces&x=Sat\xfd\xfe"))
    assert server.payload("k-pieces")["x"] == "Satış"
    assert b" 413 " in server.send(pieces(b"call_id=k-too-long&x=" + b"y" * 17_000))
    assert b" 200 " not in server.send(pieces(b"call_id=k-too-long&x=" + b"y" * 3_000_000))
    assert server.arrived("k-too-long") == []


def test_one_who_does_not_wait_for_the_answer_is_heard(server: Server) -> None:
    for number in range(30):
        target = f"/webhooks/notification/{SECRET}?CallID=k-gone-{number}."
        server.half(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()).close()
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        if len(server.arrived("k-gone-")) == 30:
            return
        time.sleep(0.05)
    pytest.fail(f"{len(server.arrived('k-gone-'))} of 30 arrived")


def test_what_cannot_be_read_is_counted_and_no_line_holds_the_secret(server: Server) -> None:
    target = f"/webhooks/notification/{SECRET}?MobilePhoneNumber={CALLER}"
    line = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n".encode()
    for rest in (
        b"X: " + b"x" * LARGEST_HEAD,
        b"Content-Length: many\r\n\r\n",
        b"no colon\r\n\r\n",
    ):
        assert b" 200 " not in server.send(line + rest + b"\r\n\r\n")
    assert len(server.lines("(cannot be read)", at_least=3)) >= 3
    statement = "SELECT sum(count) FROM tally WHERE name = 'webhook_unreadable'"
    until = time.monotonic() + DEADLINE
    while int(str(server.rows(statement)[0][0] or 0)) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    assert int(str(server.rows(statement)[0][0] or 0)) >= 3
    assert CALLER not in server.log.read_text()
    assert SECRET not in server.log.read_text()


HIDDEN_IN = [
    "/webhooks/hangup/{}",
    "//webhooks/hangup/{}",
    "/webhooks//hangup/{}",
    "/WEBHOOKS/hangup/{}",
    "/webhook/hangup/{}",
    "/webhooks/{}",
    "/crm/webhooks/notification/{}/",
    "/hangup/{}",
    "/%77ebhooks/hangup/{}",
    "/webhooks%2Fhangup%2F{}",
    "/x/../webhooks/hangup/{}",
    "/{}",
    "http://localhost/webhooks/hangup/{}",
]


def test_no_way_of_writing_the_address_brings_the_secret_into_the_log(server: Server) -> None:
    for path in HIDDEN_IN:
        assert server.get(path.format(SECRET).encode()) in (200, 404, 405), path
    assert server.get(b"/end-of-hidden") == 404
    assert server.lines("/end-of-hidden")
    assert SECRET not in server.log.read_text()


@pytest.mark.parametrize(
    "sign", ["\n", "\r\n", "\r", "\x1b[2K", "\x00", "\x07", "\x7f", "\x85", "\u2028", "\u202e", '"']
)
def test_a_path_is_one_line_of_the_log(server: Server, sign: str) -> None:
    mark = f"x{ord(sign[0]):x}{len(sign)}"
    forged = f"{sign}127.0.0.1 - forged-{mark}"
    assert server.get(f"/{mark}{quote(forged)}".encode()) in (401, 404)
    assert server.get(f"/{mark}{forged}".replace("\r", "").replace("\n", "").encode()) in (
        400,
        401,
        404,
    )
    for line in server.lines(f"forged-{mark}"):
        assert re.match(r'127\.0\.0\.1 \[[^]]+\] "GET /', line), line
        assert line.isascii()
        assert line.isprintable()
        assert line.count('"') == 2


def test_slow_heads_and_bodies_hold_nobody_up(server: Server) -> None:
    head = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    slow = [server.half(head) for _one in range(100)]
    slow += [server.half(head + b"\r\ncsrf_token=") for _one in range(100)]
    began = time.monotonic()
    for _time in range(20):
        assert server.get(b"/healthz") == 200
    assert time.monotonic() - began < DEADLINE / 2
    for connection in slow:
        connection.close()
    assert len(slow) < MOST_CONNECTIONS


def test_a_stop_lets_what_has_begun_end(server: Server) -> None:
    """One process is told to end while it answers; gunicorn starts another one."""
    children = Path(f"/proc/{parent_of(server)}/task").iterdir()
    pids = [int(pid) for one in children for pid in (one / "children").read_text().split()]
    os.kill(pids[0], signal.SIGTERM)
    for _time in range(20):
        assert server.get(b"/healthz") == 200


@pytest.fixture
def stopping() -> Iterator[tuple[http.Server, socket.socket]]:
    """A server of this process, driven by hand, and its listening socket."""

    def empty(_environ: object, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "0")])
        return []

    with socket.create_server(("127.0.0.1", 0)) as door:
        server = http.Server(http.Served(empty, None), [door], threads=1)
        yield server, door
        server.close()


QUESTION = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_a_process_that_stops_closes_the_connections_that_wait_for_a_request(
    stopping: tuple[http.Server, socket.socket],
) -> None:
    """Else a proxy would send its next request into one that nobody reads any more."""
    server, door = stopping
    with socket.create_connection(door.getsockname(), timeout=DEADLINE) as kept:
        kept.sendall(QUESTION)
        turn_until_readable(server, kept)
        assert kept.recv(1000).startswith(b"HTTP/1.1 200")
        time.sleep(http.SECONDS_TO_BEGIN)  # it is not new any more
        kept.sendall(QUESTION)
        server.close_idle()  # a request is there that was not read yet
        turn_until_readable(server, kept)
        assert kept.recv(1000).startswith(b"HTTP/1.1 200")
        server.close_idle()
        assert kept.recv(1000) == b""


def test_a_process_that_stops_answers_who_was_waiting_to_be_let_in(
    stopping: tuple[http.Server, socket.socket],
) -> None:
    server, door = stopping
    address = door.getsockname()
    waiting = [socket.create_connection(address, timeout=DEADLINE) for _one in range(5)]
    server.stop_listening()
    for connection in waiting:
        connection.sendall(QUESTION)
    for connection in waiting:
        turn_until_readable(server, connection)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        connection.close()


def turn_until_readable(server: http.Server, connection: socket.socket) -> None:
    """Work as its process does until something comes out of the connection."""
    until = time.monotonic() + DEADLINE
    while not select.select([connection], [], [], 0)[0] and time.monotonic() < until:
        server.turn(0.05)


def parent_of(server: Server) -> int:
    [line] = server.lines("Listening at")
    found = re.search(r"\[(\d+)\]", line)
    assert found
    return int(found[1])
