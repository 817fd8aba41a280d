"""The notification step of the IVR: a request to the customer's address when an inbound call ends.

GET with a query, or POST that has the query and no body; names of the parameters are the
customer's own (vendor's guide; POST seen in one production set-up). What is told in each of the
guide's three endings is a guess: its examples are lost. The switchboard owns one `Notifications`;
`console_notifications` sets the steps up.
"""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from crm.simulator.calls import Call
from crm.simulator.cdr import local, talk_seconds
from crm.simulator.exchange import Exchange
from crm.simulator.hangup_posts import HangupPost, HangupPosts, Send, ask

METHODS = ("GET", "POST")
MEANINGS = (
    *("activecallkey", "number", "called", "call_date", "queue", "agent_email", "duration"),
    "disposition",
)


@dataclass(frozen=True)
class Step:
    """Where a tenant's IVR tells of ended calls. names: meaning -> the parameter's name; one that
    is left out is not sent. raw: words go out as they are, not percent-encoded, as curl and many
    IVRs send them.
    """

    url: str = field(repr=False)
    method: str = "GET"
    names: Mapping[str, str] = field(default_factory=lambda: {name: name for name in MEANINGS})
    raw: bool = False


def told_of(call: Call) -> dict[str, str]:
    """What the step tells of an ended call, by meaning.

    Without a queue: who called whom. In a queue without an agent: the queue, and an agent who is
    empty. After an agent: all.
    """
    told = {
        "activecallkey": call.activecallkey,
        "number": call.shown,
        "called": call.called,
        "call_date": local(call.started, call.tenant) or "",
    }
    if call.queue:
        told |= {"queue": call.queue, "agent_email": ""}
    if call.talked is not None:
        told |= {
            "agent_email": call.agent.email,
            "duration": str(talk_seconds(call) or 0),
            "disposition": call.disposition,
        }
    return told


def send_by(method: str) -> Send:
    """How a notification is sent: its parameters stand in the query, whatever the method."""

    def send(post: HangupPost) -> str:
        return ask(method, post.url, query=urlencode(post.form))

    return send


class _AsItIs(http.client.HTTPConnection):
    """Sends an address with letters and spaces in it as bytes of UTF-8."""

    def _validate_path(self, url: str) -> None:
        pass

    def _encode_request(self, request: str) -> bytes:
        return request.encode()


def send_raw(method: str) -> Send:
    """The same without percent-encoding."""

    def send(post: HangupPost) -> str:
        told = "&".join(f"{name}={value}" for name, value in post.form.items())
        return ask(method, post.url, query=told, plain=_AsItIs)

    return send


class Notifications:
    """The steps by tenant, and what they sent lately. A step is kept until a full reset."""

    def __init__(self, exchange: Exchange) -> None:
        self.steps: dict[str, Step] = {}
        self._exchange = exchange
        self._senders = {
            (method, raw): HangupPosts(send=way(method))
            for method in METHODS
            for raw, way in ((False, send_by), (True, send_raw))
        }
        exchange.call_ended.append(self._notify)

    @property
    def recent(self) -> list[HangupPost]:
        """The last ones, newest first."""
        return [post for sender in self._senders.values() for post in sender.recent]

    def forget(self, *, steps: bool) -> None:
        """What was sent; and with `steps` also how."""
        for sender in self._senders.values():
            sender.recent.clear()
        if steps:
            self.steps.clear()

    def _notify(self, call: Call) -> None:
        step, switches = self.steps.get(call.tenant.name), self._exchange.switches
        if step is None or not call.inbound:
            return
        told = told_of(call)
        query = {name: told[meaning] for meaning, name in step.names.items() if meaning in told}
        for _ in range(switches.notification_posts):
            self._exchange.deliver(
                "notification",
                lambda: self._senders[step.method, step.raw].post(step.url, query),
                delay=switches.notification_delay,
            )
