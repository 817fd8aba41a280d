"""The POST to `hangup_url` when a dialled call ends (vendor's guide, "click2call").

The switchboard hands them over; a few daemon threads send them, each with a time limit, once:
the vendor publishes no rule for repeats. The IVR's notifications go out the same way.
"""

import http.client
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from crm.simulator.calls import Call
from crm.simulator.cdr import local, talk_seconds

THREADS = 2
WAITING_AT_MOST = 100
SECONDS = 5.0
KEPT = 50


@dataclass
class HangupPost:
    """One POST. `result` is the HTTP status, or a word for what went wrong."""

    url: str = field(repr=False)
    form: dict[str, str] = field(repr=False)
    result: str = "sending"

    @property
    def shown_url(self) -> str:
        """The address without its last part, which may be a secret."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return "…"
        return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/…"


Send = Callable[[HangupPost], str]


def form_of(call: Call) -> dict[str, str]:
    """The fields of the POST as text. `call_id` is the activecallkey; `duration` whole seconds of
    talk; `call_date` local to the tenant.
    """
    return {
        "call_id": call.activecallkey,
        "caller_id": call.caller,
        "called_num": call.called,
        "call_date": local(call.started, call.tenant) or "",
        "transaction_id": call.transaction_id,
        "agent_username": call.agent.email,
        "duration": str(talk_seconds(call) or 0),
        "disposition": "ANSWER" if call.talked_earlier else call.disposition,
        "tenant": call.tenant.name,
    }


def send(post: HangupPost) -> str:
    """Send it and say how it went: an HTTP status or "unreachable"."""
    return ask("POST", post.url, form=post.form)


def ask(
    method: str,
    url: str,
    *,
    query: str = "",
    form: Mapping[str, str] | None = None,
    plain: type[http.client.HTTPConnection] = http.client.HTTPConnection,
) -> str:
    """Make one request, follow no redirect, and return its HTTP status or "unreachable".

    query: comes behind that of the address. plain: what connects where it is not https. The
    standard library does it, so that the simulator needs nothing but Flask.
    """
    body = None if form is None else urlencode(form)
    headers = {} if form is None else {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        parts = urlsplit(url)
        queries = "&".join(filter(None, (parts.query, query)))
        target = f"{parts.path or '/'}?{queries}" if queries else parts.path or "/"
        kind = http.client.HTTPSConnection if parts.scheme == "https" else plain
        connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
        with closing(connection):
            connection.request(method, target, body, headers)
            return str(connection.getresponse().status)
    except (OSError, ValueError, http.client.HTTPException):
        return "unreachable"


class HangupPosts:
    """Sends in the background and remembers the last ones, newest first."""

    def __init__(self, send: Send = send) -> None:
        self.recent: deque[HangupPost] = deque(maxlen=KEPT)
        self._send = send
        self._waiting: queue.Queue[HangupPost] = queue.Queue(WAITING_AT_MOST)
        self._starting = threading.Lock()
        self._started = False

    def post(self, url: str, form: dict[str, str]) -> None:
        """Send that form soon; lost when too many wait already."""
        post = HangupPost(url, form)
        self.recent.appendleft(post)
        try:
            self._waiting.put_nowait(post)
        except queue.Full:
            post.result = "too many waiting"
        with self._starting:
            if self._started:
                return
            self._started = True
            for number in range(THREADS):
                name = f"simulator-hangup-{number}"
                threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        while True:
            post = self._waiting.get()
            post.result = self._send(post)
