"""The simulator's softphone in a page of another origin, as any CRM would embed it."""

import html
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote

import pytest
import requests
from playwright.sync_api import FrameLocator, Locator, Page, expect

from crm.simulator.seed import DEMO
from tests.world import Simulator

pytestmark = pytest.mark.browser

AYSE = "ayse@demo.example"
FORTY_PACKETS_AND_MORE = re.compile(r"^([4-9]\d|\d{3,})$")

REFUSED_MICROPHONE = """
  navigator.mediaDevices.getUserMedia = async () => {
    throw new DOMException("refused", "NotAllowedError");
  };
"""
PARENT = """<!DOCTYPE html>
<title>A page that embeds the softphone</title>
<script>
  window.heard = [];
  addEventListener("message", (event) => window.heard.push([event.origin, event.data]));
</script>
<iframe width="340" height="420" allow="microphone; autoplay" src="{source}"></iframe>
"""


class Parent(BaseHTTPRequestHandler):
    """Answers every path with the page around the softphone."""

    def do_GET(self) -> None:
        source = self.path.partition("?softphone=")[2]
        body = PARENT.format(source=html.escape(unquote(source))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def parent_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Parent)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    thread.join(5)
    server.server_close()


class Phone:
    """The embedded softphone and what its parent heard."""

    def __init__(self, page: Page, parent_url: str, simulator: Simulator) -> None:
        self._page = page
        self._parent_url = parent_url
        self._simulator = simulator
        self.session, _seconds = simulator.switchboard.log_in(AYSE, DEMO.app_token)

    def open(self) -> None:
        source = f"{self._simulator.url}/generic/sso/?tenant={DEMO.host}&session={self.session.key}"
        self._page.goto(f"{self._parent_url}?softphone={quote(source)}")
        self.is_in_state("ready")

    @property
    def frame(self) -> FrameLocator:
        return self._page.frame_locator("iframe")

    def button(self, name: str) -> Locator:
        return self.frame.get_by_role("button", name=name, exact=True)

    def is_in_state(self, state: str) -> None:
        expect(self.frame.locator("body")).to_have_attribute("data-call-state", state)

    def has_sent(self, packets: re.Pattern[str] = FORTY_PACKETS_AND_MORE) -> int:
        body = self.frame.locator("body")
        expect(body).to_have_attribute("data-packets-sent", packets)
        return int(body.get_attribute("data-packets-sent") or 0)

    def sends_more_than(self, packets: int) -> None:
        expect(self.frame.locator("body")).not_to_have_attribute("data-packets-sent", str(packets))
        assert int(self.frame.locator("body").get_attribute("data-packets-sent") or 0) > packets

    def heard(self) -> list[dict[str, Any]]:
        """The messages, after checking that each came from the softphone as text."""
        heard = self._page.evaluate("window.heard")
        assert {origin for origin, _text in heard} <= {self._simulator.url}
        return [json.loads(text) for _origin, text in heard]

    def has_heard(self, *types: str) -> None:
        """These and no others. The page around the softphone may hear of a state after it shows."""
        self._page.wait_for_function("many => window.heard.length >= many", arg=len(types))
        assert [message["messageType"] for message in self.heard()] == list(types)


@pytest.fixture
def phone(page: Page, parent_url: str, simulator: Simulator) -> Iterator[Phone]:
    """Ayşe's softphone, ready. A script error in any frame fails the test."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    phone = Phone(page, parent_url, simulator)
    phone.open()
    yield phone
    assert errors == []


@pytest.fixture
def ring(simulator: Simulator) -> Callable[[str], Any]:
    """Ring Ayşe with one of the console's callers."""
    return lambda preset: simulator.console("ring", agent=AYSE, preset=preset)


def test_an_inbound_call_rings_talks_with_sound_and_ends(
    phone: Phone, ring: Callable[[str], Any]
) -> None:
    call = ring("known")
    phone.is_in_state("ringing")
    expect(phone.frame.get_by_text("05320000001")).to_be_visible()
    phone.button("Answer").click()
    phone.is_in_state("talking")
    phone.sends_more_than(phone.has_sent())
    phone.button("Hang up").click()
    phone.is_in_state("ready")
    phone.has_heard("IncomingCall", "Accept", "Talking", "Hangup")
    assert phone.heard()[-1]["activecallkey"] == call["activecallkey"]


def test_a_call_is_handed_on_to_a_colleague(
    phone: Phone, ring: Callable[[str], Any], simulator: Simulator
) -> None:
    simulator.console("softphones", agent="mehmet@demo.example")
    ring("known")
    expect(phone.button("Mehmet Kaya")).to_be_hidden()
    phone.button("Answer").click()
    phone.button("Mehmet Kaya").click()
    phone.is_in_state("ready")
    phone.has_heard("IncomingCall", "Accept", "Talking", "Hangup")
    [leg] = simulator.switchboard.open_calls()
    assert (leg.state.value, leg.agent.name) == ("ringing", "Mehmet Kaya")
    assert leg.activecallkey == phone.heard()[0]["activecallkey"]


def test_a_number_from_the_pad_is_dialled_and_answered(phone: Phone, simulator: Simulator) -> None:
    simulator.console("switches", far_side_answers_after=None)
    for digit in "112":
        phone.button(digit).click()
    phone.button("Dial").click()
    phone.is_in_state("calling")
    simulator.console(f"calls/{simulator.wait_for_call().id}/far-side/answer")
    phone.is_in_state("talking")
    phone.button("Hang up").click()
    phone.is_in_state("ready")
    phone.has_heard("Dial", "OutgoingActiveCallKey", "Accept", "Talking", "Hangup")
    assert phone.heard()[0]["number"] == "112"


def test_on_break_nothing_rings_and_keys_of_a_call_reach_the_switchboard(
    phone: Phone, ring: Callable[[str], Any], simulator: Simulator
) -> None:
    phone.button("Break").click()
    phone.is_in_state("break")
    ring("known")
    assert simulator.wait_for_call().state.value == "queued"
    phone.button("Available").click()
    phone.button("Answer").click()
    phone.button("Keys").click()
    expect(phone.button("Mehmet Kaya")).to_be_hidden()
    for key in "1#":
        phone.button(key).click()
    expect(phone.frame.locator(".keyed")).to_have_text("1#")
    phone.button("Hold").click()
    expect(phone.button("1")).to_be_hidden()
    expect(phone.button("Mehmet Kaya")).to_be_visible()
    phone.button("Hang up").click()
    phone.is_in_state("ready")
    phone.has_heard("IncomingCall", "Accept", "Talking", "Hangup")


def test_hold_mute_and_a_second_call_leave_the_first_alive(
    phone: Phone, ring: Callable[[str], Any]
) -> None:
    ring("known")
    phone.button("Answer").click()
    phone.button("Mute").click()
    expect(phone.button("Muted")).to_have_attribute("aria-pressed", "true")
    phone.button("Hold").click()
    phone.is_in_state("held")
    phone.sends_more_than(phone.has_sent())
    ring("masked")
    phone.is_in_state("ringing")
    phone.button("Answer").click()
    phone.is_in_state("talking")
    phone.button("Resume").click()
    expect(phone.frame.locator('.call[data-state="talking"]')).to_contain_text("05320000001")
    expect(phone.frame.locator('.call[data-state="held"]')).to_contain_text("90532xxxxxxx")


def test_after_a_reload_the_call_is_open_but_its_sound_is_gone(
    phone: Phone, ring: Callable[[str], Any], simulator: Simulator
) -> None:
    call = ring("known")
    phone.button("Answer").click()
    phone.is_in_state("talking")
    phone.open()
    expect(phone.frame.locator("#notice")).to_contain_text("still open")
    (left,) = requests.get(f"{simulator.url}/console/api/state", timeout=5).json()["calls"]
    assert (left["id"], left["stranded"]) == (call["id"], True)
    simulator.console(f"calls/{call['id']}/far-side/hang-up")


def test_the_agent_picks_the_queue_of_a_dial(phone: Phone, simulator: Simulator) -> None:
    simulator.switchboard.control.click2call(phone.session, "05070000042", choose_queue=True)
    phone.is_in_state("choosing")
    phone.button("Sales").click()
    phone.is_in_state("talking")
    expect(phone.frame.locator(".call")).to_contain_text("Sales")


def test_a_microphone_that_is_refused_is_told_and_calls_go_through(
    phone: Phone, page: Page, ring: Callable[[str], Any]
) -> None:
    page.add_init_script(REFUSED_MICROPHONE)
    phone.open()
    expect(phone.frame.locator("#notice")).to_contain_text("The microphone is not allowed here.")
    ring("known")
    phone.button("Answer").click()
    phone.is_in_state("talking")
    phone.has_sent()


def test_the_console_rings_and_plays_the_far_side(
    phone: Phone, page: Page, simulator: Simulator
) -> None:
    console = page.context.new_page()
    console.goto(simulator.url)
    row = console.get_by_role("listitem").filter(has_text="Ayşe Demir")
    expect(row).to_contain_text("ready")
    console.get_by_role("button", name="Unknown").click()
    phone.is_in_state("ringing")
    phone.button("Answer").click()
    console.get_by_role("button", name="Hang up").click()
    phone.is_in_state("ready")
    console.get_by_role("tab", name="Records").click()
    records = console.get_by_role("region", name="Newest records")
    expect(records).to_contain_text("00447700900555")


def test_the_console_sets_switches(page: Page, simulator: Simulator) -> None:
    page.goto(simulator.url)
    page.get_by_role("tab", name="Faults").click()
    with page.expect_response("**/console/api/switches"):
        page.get_by_label("API answers").select_option("500")
    with page.expect_response("**/console/api/switches"):
        page.get_by_label("Far side answers after").fill("")
        page.get_by_label("Far side answers after").blur()
    with page.expect_response("**/console/api/switches"):
        page.get_by_label("Refuse logins").check()
    page.get_by_role("button", name="Expire all sessions").click()
    expect(page.get_by_role("alert")).to_contain_text("sessions have expired")
    switches = simulator.switchboard.switches
    assert switches.api_answers == "500"
    assert switches.far_side_answers_after is None
    assert switches.refuse_login is True
    expect(page.get_by_role("tab", name="Faults")).to_have_text("Faults 3")
    page.reload()
    expect(page.get_by_label("API answers")).to_be_visible()
