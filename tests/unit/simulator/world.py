"""A simulator whose time stands still until the test moves it, and short words for using it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from flask.testing import FlaskClient

from crm.simulator import create_simulator
from crm.simulator.hangup_posts import HangupPost, HangupPosts
from crm.simulator.seed import DEMO
from crm.simulator.switchboard import Switchboard

AYSE = "ayse@demo.example"
NOON_IN_ISTANBUL = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


class MovedTime:
    """A clock and timers in one; `pass_seconds` moves both."""

    def __init__(self) -> None:
        self.now = NOON_IN_ISTANBUL
        self._due: list[tuple[datetime, Callable[[], None]]] = []

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self._due.append((self.now + timedelta(seconds=seconds), action))

    def cancel_all(self) -> None:
        self._due.clear()

    def pass_seconds(self, seconds: float) -> None:
        end = self.now + timedelta(seconds=seconds)
        while due := [entry for entry in self._due if entry[0] <= end]:
            first = min(due, key=lambda entry: entry[0])
            self._due.remove(first)
            self.now = first[0]
            first[1]()
        self.now = end


class World:
    """One simulator, asked through Flask's test client."""

    def __init__(self, **options: Any) -> None:
        self.time = MovedTime()
        self.posts: list[HangupPost] = []
        self.app = create_simulator(
            clock=lambda: self.time.now,
            timers=self.time,
            random=Random(1),
            hangup_posts=_PostsAtOnce(self.posts),
            **options,
        )
        self.client: FlaskClient = self.app.test_client()

    @property
    def board(self) -> Switchboard:
        board: Switchboard = self.app.extensions["switchboard"]
        return board

    def ask(self, function: str, **fields: str) -> Any:
        """The API's answer as JSON."""
        answer = self.client.get("/api/", query_string={"function": function, **fields})
        return answer.get_json()

    def session(self, email: str = AYSE) -> str:
        """The key of a new session."""
        answer = self.ask("login", email=email, app_token=DEMO.app_token)
        return str(answer["session"])

    def console(self, path: str, **fields: Any) -> Any:
        """The console's answer as JSON; an error status fails the test."""
        answer = self.client.post(f"/console/api/{path}", json=fields)
        assert answer.status_code < 400, answer.get_data(as_text=True)
        return answer.get_json()

    def open_softphone(self, email: str = AYSE) -> str:
        """A softphone without a browser; the key of its session."""
        return str(self.console("softphones", agent=email)["session"])

    def ring(self, number: str = "+905320000001", **wish: Any) -> Any:
        """Somebody calls Ayşe."""
        return self.console("ring", agent=AYSE, number=number, **wish)

    def agent(self, call: Any, action: str) -> None:
        """The agent presses a button of that call."""
        self.console(f"calls/{call['id']}/softphone/{action}")

    def far_side(self, call: Any, action: str) -> None:
        """The other party does something."""
        self.console(f"calls/{call['id']}/far-side/{action}")

    def state(self) -> Any:
        """Everything the console shows."""
        return self.client.get("/console/api/state").get_json()

    def call(self) -> Any:
        """The newest open call."""
        return self.state()["calls"][-1]

    def messages(self, email: str = AYSE) -> list[dict[str, str]]:
        """What the softphone told its parent."""
        answer = self.client.get(f"/console/api/softphones/{email}/messages")
        messages: list[dict[str, str]] = answer.get_json()["messages"]
        return messages

    def message_types(self) -> list[str]:
        """The kinds of those messages."""
        return [message["messageType"] for message in self.messages()]

    def dial(self, session: str, **fields: str) -> Any:
        """A click2call that has reached the softphone."""
        answer = self.ask("click2call", session=session, **{"phonenumber": "05070000042"} | fields)
        self.time.pass_seconds(0.2)
        return answer

    def record(self, call: Any) -> Any:
        """The record of an ended call; fails when there is none."""
        self.time.pass_seconds(self.board.switches.cdr_delay)
        (record,) = self.records(activecallkey=call["activecallkey"])
        return record

    def records(self, **fields: str) -> list[Any]:
        """What reportsCDRLogs finds for the first tenant."""
        answer = self.ask("reportsCDRLogs", app_token=DEMO.app_token, **fields)
        records: list[Any] = answer["CallList"]
        return records


class _PostsAtOnce(HangupPosts):
    def __init__(self, sent: list[HangupPost]) -> None:
        super().__init__(send=lambda _post: "200")
        self._sent = sent

    def post(self, url: str, form: dict[str, str]) -> None:
        self._sent.append(HangupPost(url, form, "200"))
        self.recent.appendleft(self._sent[-1])


@contextmanager
def one_request(status: str = "200 OK") -> Iterator[tuple[str, list[str]]]:
    """Somebody who takes one request: the address, and what came, there when the block ends."""
    came: list[str] = []

    def answer(listener: socket.socket) -> None:
        connection, _address = listener.accept()
        with connection, connection.makefile("rb") as reading:
            head = b"".join(iter(reading.readline, b"\r\n")) + b"\r\n"
            lengths = [line for line in head.splitlines() if line.startswith(b"Content-Length")]
            body = reading.read(int(lengths[0].split()[1])) if lengths else b""
            came.append((head + body).decode())
            connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        vendor = threading.Thread(target=answer, args=(listener,))
        vendor.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", came
        vendor.join(5)
