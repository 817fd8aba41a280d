"""What we rely on when a number is dialled, and when it rings: the softphone in Chromium.

On a real tenant it is dialled only if CCS_DIAL has a number. Its owner answers and keeps the line;
the test holds the call, takes it back and hangs up. With CCS_RING somebody calls the agent then.
"""

import html
import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from tests.contract.conftest import Place
from tests.contract.facts import fact
from tests.contract.wire import Heard

SECONDS_TO_ANSWER = 60
SECONDS_TO_REGISTER = 20  # at a real exchange; the page tells nobody when it has
SECONDS_UNTIL_RECORDED = 60
PARENT = """<!DOCTYPE html>
<title>A page that embeds the softphone</title>
<script>
  window.heard = [];
  addEventListener("message", (event) => window.heard.push(event.data));
</script>
<iframe width="400" height="600" allow="microphone; autoplay" src="{source}"></iframe>
"""
ORDER = ["Dial", "OutgoingActiveCallKey", "Accept", "Talking", "Hangup"]


@dataclass
class Dialled:
    """Everything that was told about one call."""

    transaction_id: str
    hangup_url: str = ""
    messages: list[Any] = field(default_factory=list)  # as they came
    asked: dict[str, Heard] = field(default_factory=dict)
    while_talking: list[dict[str, Any]] = field(default_factory=list)
    while_held: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, str]] = field(default_factory=list)

    def told(self, kind: str) -> dict[str, Any]:
        """The message of this type."""
        return first(self.messages, kind)

    @property
    def key(self) -> str:
        return str(self.told("OutgoingActiveCallKey").get("activecallkey", ""))


@dataclass(frozen=True)
class Desk:
    """A page around the place's softphone, the posts that arrived, and what it heard."""

    page: Page
    hangup_url: str  # "": the vendor reaches no address of this machine
    posts: list[dict[str, str]]
    simulator: FlaskClient | None

    def wait_for(self, kind: str, seconds: float = SECONDS_TO_ANSWER) -> dict[str, Any]:
        """The first message of this type; empty if none came in time."""
        until = time.monotonic() + seconds
        while not (found := first(self.heard(), kind)) and time.monotonic() < until:
            self.page.wait_for_timeout(50)
        return found

    def heard(self) -> list[Any]:
        """The messages since `forget`, as they came."""
        return list(self.page.evaluate("window.heard"))

    def forget(self) -> None:
        """What is heard from now on is of another call."""
        self.page.evaluate("window.heard = []")


@pytest.fixture(scope="session")
def desk(place: Place, session: str, browser: Browser, simulator: Flask) -> Iterator[Desk]:
    """The softphone is signed in."""
    if not (place.may_dial or place.is_called):
        pytest.skip("neither CCS_DIAL nor CCS_RING is set, so no call is made")
    posts: list[dict[str, str]] = []
    query = urlencode({"tenant": place.host, "session": session})
    port = 0 if place.is_simulator else int(os.environ.get("CCS_HANGUP_PORT", "0"))
    with served(f"{place.softphone_url}?{query}", posts, port) as parent:
        hangup_url = os.environ.get("CCS_HANGUP_URL", "")
        page = browser.new_page()
        page.goto(parent)
        if place.is_simulator:
            hangup_url = parent.replace("localhost", "127.0.0.1")
            page.frame_locator("iframe").locator("body[data-call-state=ready]").wait_for()
        else:
            page.wait_for_timeout(SECONDS_TO_REGISTER * 1000)
        yield Desk(page, hangup_url, posts, simulator.test_client() if place.is_simulator else None)
        page.close()


@pytest.fixture(scope="session")
def dialled(place: Place, session: str, desk: Desk) -> Dialled:
    """The place's number, dialled once. If both talk, the call is held and taken back."""
    if not place.may_dial:
        pytest.skip("CCS_DIAL names no number that may be dialled")
    if desk.simulator:
        switches = {"far_side_answers_after": 0.1, "key_after": 0.05, "cdr_delay": 0.1}
        desk.simulator.post("/console/api/switches", json=switches)

    def calls_of_the_agent() -> list[dict[str, Any]]:
        answer = wire.ask("getmyactivecalls", session=session).content or {}
        return list(answer.get("MyActiveCalls") or [])

    wire, call = place.wire, Dialled(str(uuid.uuid4()), desk.hangup_url)
    desk.forget()
    params = {"phonenumber": place.may_dial, "transactionid": call.transaction_id}
    params |= {"hangup_url": call.hangup_url} if call.hangup_url else {}
    call.asked["click2call"] = wire.ask("click2call", session=session, **params)
    if desk.wait_for("Talking"):
        call.while_talking = calls_of_the_agent()
        call.asked["click2hold"] = wire.ask("click2hold", session=session)
        call.while_held = calls_of_the_agent()
        call.asked["click2unhold"] = wire.ask("click2unhold", session=session)
        key = str(desk.wait_for("OutgoingActiveCallKey", 1).get("activecallkey", ""))
        call.asked["getactivecall"] = wire.ask("getactivecall", session=session, activecallkey=key)
    call.asked["click2hang"] = wire.ask("click2hang", session=session)
    desk.wait_for("Hangup")
    call.messages = desk.heard()
    until = time.monotonic() + SECONDS_UNTIL_RECORDED
    while not (call.records and (desk.posts or not call.hangup_url)) and time.monotonic() < until:
        desk.page.wait_for_timeout(200)
        answer = wire.ask("reportsCDRLogs", uniqueid=call.transaction_id)
        call.records = (answer.content or {}).get("CallList") or []
    call.posts = list(desk.posts)
    return call


@contextmanager
def served(softphone: str, posts: list[dict[str, str]], port: int) -> Iterator[str]:
    """A page around the softphone, which also takes the post of the hangup; its address."""

    class Parent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = PARENT.format(source=html.escape(softphone)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            posts.append({name: values[0] for name, values in parse_qs(body).items()})
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Parent)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def first(messages: list[Any], kind: str) -> dict[str, Any]:
    """The first message of this type; empty if there is none."""
    read = [json.loads(one) for one in messages if isinstance(one, str) and one[:1] == "{"]
    return next((one for one in read if one.get("messageType") == kind), {})


def answered(dialled: Dialled) -> Dialled:
    """The call, if somebody has taken it."""
    return dialled if dialled.told("Talking") else pytest.skip("nobody answered the dial")


@fact("`click2call` takes `session`, `hangup_url`, `transactionid`")
@fact("… and `phonenumber`, `selected_queue`, `masked`")
def test_a_dial_is_taken(dialled: Dialled) -> None:
    answer = dialled.asked["click2call"]
    assert answer.status == 200
    assert (answer.content or {}).get("success")


@fact("its page is `https://softphone.alo-tech.com/generic/sso/`")
@fact("`tenant` is the full host; the bare name broke the registration of one client")
@fact("it always answers success, and works only with the softphone open")
def test_the_softphone_in_the_frame_dials(dialled: Dialled) -> None:
    assert dialled.told("Dial")


@fact("messages are JSON strings with `messageType`")
def test_messages_are_json_strings(dialled: Dialled) -> None:
    assert dialled.messages
    assert [type(one) for one in dialled.messages if not isinstance(one, str)] == []
    assert all("messageType" in json.loads(one) for one in dialled.messages)


@fact("`Dial`, `OutgoingActiveCallKey`, `Accept`, `Talking`, `Hangup` and their fields")
def test_each_message_comes_with_its_fields(dialled: Dialled) -> None:
    assert answered(dialled).told("Dial")["number"]
    assert len(dialled.told("OutgoingActiveCallKey")["activecallkey"]) >= 20
    assert dialled.told("Accept")
    assert dialled.told("Hangup")["activecallkey"] == dialled.key


@fact("their order; two calls may be up at once")
def test_messages_come_in_their_order(dialled: Dialled) -> None:
    kinds = [json.loads(one)["messageType"] for one in answered(dialled).messages]
    assert [kind for kind in kinds if kind in ORDER] == ORDER


@fact("`getmyactivecalls` lists the agent's calls, with the true number of a masked caller")
def test_the_call_is_among_the_agents_calls(dialled: Dialled, place: Place) -> None:
    [listed] = [one for one in answered(dialled).while_talking if one["key"] == dialled.key]
    assert listed["called_num"].endswith(place.may_dial[-9:])
    assert listed["inbound"] in (False, "false", 0)


@fact("values of its `status`")
def test_its_status_tells_talking_from_held(dialled: Dialled) -> None:
    talking, held = answered(dialled).while_talking, dialled.while_held
    assert "talk" in str(talking[0]["status"]).lower()
    assert "hold" in str(held[0]["status"]).lower()


@fact(
    "`click2hang`, `click2hold`, `click2unhold` act on the agent's active call, whichever that is"
)
def test_hold_and_hang_up_act_on_the_call(dialled: Dialled) -> None:
    for function in ("click2hold", "click2unhold", "click2hang"):
        assert (answered(dialled).asked[function].content or {}).get("success"), function
    assert dialled.told("Hangup")


def test_the_variables_of_a_call_that_is_up_are_an_object(dialled: Dialled) -> None:
    assert isinstance(answered(dialled).asked["getactivecall"].content["customvariables"], dict)


@fact("`uniqueid` is the `transactionid` of the dial")
def test_its_record_is_found_by_our_id(dialled: Dialled) -> None:
    [record] = dialled.records
    assert record["uniqueid"] == dialled.transaction_id
    assert record["inbound"] is False


@fact("the last part of `recordingurl` is the `activecallkey`; unanswered calls may have none")
def test_the_address_of_its_recording_ends_with_its_key(dialled: Dialled) -> None:
    [record] = answered(dialled).records
    assert record["recordingurl"].endswith(f"/{dialled.key}")


@fact("hangup post: form fields, `call_id` is the `activecallkey` for `reportsCDRLogs`")
def test_the_post_of_its_hangup(dialled: Dialled) -> None:
    if not dialled.hangup_url:
        pytest.skip("CCS_HANGUP_URL names no address that the vendor reaches")
    [post] = dialled.posts
    assert post["transaction_id"] == dialled.transaction_id
    assert post["call_id"] == dialled.key
    assert post["agent_username"]
    assert post["duration"].isdigit()
    assert post["disposition"]


@fact("`IncomingCall` with a number and `activecallkey`")
def test_a_ring_is_told_with_number_and_key(place: Place, session: str, desk: Desk) -> None:
    if not place.is_called:
        pytest.skip("CCS_RING is not set: nobody would call the agent")
    desk.forget()
    if desk.simulator:
        wish = {"agent": place.agent, "number": "+905320000001"}
        desk.simulator.post("/console/api/ring", json=wish)
    ring = desk.wait_for("IncomingCall")
    assert ring["number"]
    assert len(ring["activecallkey"]) >= 20
    listed = place.wire.ask("getmyactivecalls", session=session).content["MyActiveCalls"]
    assert [call["inbound"] for call in listed if call["key"] == ring["activecallkey"]] == [True]
