"""The light at the head of the dock says what is so; the phone comes and goes with the login."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select, update

from crm import agents
from crm.callcenterstudio import sessions
from crm.extensions import db
from crm.models import Agent, SoftphoneTenant, Tenant
from tests.browser.conftest import CONNECTED, KNOWN, PASSWORD, UNKNOWN, Crm, Desk, hold_back
from tests.browser.test_gate import post_from_the_softphone
from tests.world import Simulator, running_simulator

# A thousand messages a second, in the softphone's window.
FLOOD = """() => {
  let count = 0;
  const kinds = ["IncomingCall", "Dial", "Accept", "Hangup", "Nonsense"];
  window.flood = setInterval(() => {
    for (let i = 0; i < 50; i += 1, count += 1) {
      parent.postMessage(JSON.stringify({
        messageType: kinds[count % 5], number: "0532000" + count, activecallkey: "flood-" + count,
      }), "*");
    }
  }, 50);
}"""
# All that a place has said, in its order, however short it stood there.
NOTE_WORDS = """(place) => {
  place.words = [];
  new MutationObserver(() => place.words.push(place.textContent.trim()))
    .observe(place, { childList: true, subtree: true, characterData: true });
}"""
UNTIL_DROPPED = """(phone, count) => new Promise((done) => {
  const look = () => (phone.dropped.flood ?? 0) > count && done();
  document.addEventListener("softphone:dropped", look);
  look();
})"""


def light(desk: Desk, words: str) -> None:
    expect(desk.page.locator("#softphone-state")).to_have_text(words)


def change(desk: Desk, statement: object) -> None:
    with desk.crm.app.app_context():
        db.session.execute(statement)  # type: ignore[call-overload]
        db.session.commit()
        db.session.remove()


def address(desk: Desk) -> str:
    return desk.page.locator("agent-softphone iframe").get_attribute("src") or ""


@pytest.fixture
def faulty_desk(page: Page, crm: Crm, simulator: Simulator) -> Desk:
    """Ayşe's desk, where requests will fail: htmx writes each of them to the console."""
    desk = Desk(page, crm, simulator)
    desk.log_in()
    return desk


def later(page: Page, *, seconds: int) -> None:
    """What the page means to do at a time is due earlier."""
    page.evaluate("ms => { const now = Date.now; Date.now = () => now() + ms }", seconds * 1000)


def test_a_session_that_expired_is_renewed_by_a_reload_before_it_is_called_connected(
    desk: Desk,
) -> None:
    before, logins = address(desk), desk.simulator.asked["login"]
    desk.simulator.console("expire-sessions")
    desk.page.reload()
    desk.wait_until_ready()
    assert address(desk) != before
    assert desk.simulator.asked["login"] == logins + 1


def test_the_softphone_is_loaded_as_soon_as_its_key_was_tried(desk: Desk) -> None:
    desk.page.add_init_script("if (window === top) window.setInterval = () => 0")
    desk.page.goto(f"{desk.crm.url}/contacts")
    desk.wait_until_ready()


def test_a_softphone_that_cannot_register_is_not_said_to_be_ready(desk: Desk) -> None:
    change(desk, update(Tenant).values(softphone_tenant=SoftphoneTenant.NAME))
    desk.page.reload()
    expect(desk.softphone.locator("body")).to_contain_text("This tenant cannot be registered")
    light(desk, CONNECTED)


def test_while_a_call_is_up_it_says_so(desk: Desk) -> None:
    desk.ring()
    expect(desk.card).to_contain_text("Ringing")
    light(desk, CONNECTED)
    desk.answer()
    light(desk, "On a call")
    desk.hang_up()
    light(desk, CONNECTED)


def test_an_api_that_does_not_answer_is_said_and_tried_again_by_itself(desk: Desk) -> None:
    desk.simulator.console("switches", api_answers="500")
    desk.page.reload()
    line = desk.page.locator("#softphone-line")
    expect(line).to_contain_text("Call Center Studio has a problem of its own")
    light(desk, "Connecting…")
    expect(desk.softphone.locator("body")).to_have_attribute("data-call-state", "ready")
    desk.simulator.console("switches", api_answers="json")
    later(desk.page, seconds=400)
    light(desk, CONNECTED)
    expect(line).not_to_contain_text("problem")


def test_a_login_that_failed_for_a_moment_is_made_by_itself(
    page: Page, crm: Crm, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The page's clock is put forward below, the server's is not: there the failure is over at once.
    monkeypatch.setattr(sessions, "FAILURE_COUNTS", timedelta(0))
    simulator.console("switches", api_answers="500")
    page.goto(f"{crm.url}/login")
    page.get_by_label("E-mail").fill("ayse@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#softphone-state")).to_have_text("No phone")
    simulator.console("switches", api_answers="json")
    page.wait_for_load_state()
    later(page, seconds=400)
    Desk(page, crm, simulator).wait_until_ready()


def test_without_a_network_it_says_so_with_its_icons_and_comes_back(
    faulty_desk: Desk, context: BrowserContext
) -> None:
    panel = faulty_desk.page.locator("#call-panel")
    context.set_offline(True)
    light(faulty_desk, "Offline")
    expect(panel).not_to_contain_text("No call at the moment")
    faulty_desk.page.get_by_role("navigation").get_by_role("link", name="Calls").click()
    notice = faulty_desk.page.locator("#main [data-failed]")
    expect(notice).to_contain_text("could not be fetched")
    drawn = notice.locator("svg").evaluate_all("all => all.map(one => one.getBBox().width > 0)")
    assert drawn == [True, True]
    context.set_offline(False)
    light(faulty_desk, CONNECTED)
    expect(panel).to_contain_text("No call at the moment")
    faulty_desk.ring()
    expect(faulty_desk.card).to_contain_text("Ringing")


def test_a_crm_that_does_not_answer_is_said_as_well(
    faulty_desk: Desk, context: BrowserContext
) -> None:
    context.route("**/contacts*", lambda route: route.abort())
    context.route("**/softphone", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    faulty_desk.page.get_by_role("navigation").get_by_role("link", name="Contacts").click()
    light(faulty_desk, "Offline")
    context.unroute("**/softphone")
    light(faulty_desk, CONNECTED)


def test_several_tabs_try_the_key_once(desk: Desk, context: BrowserContext) -> None:
    desk.simulator.asked.clear()
    for _tab in range(3):
        tab = context.new_page()
        tab.goto(f"{desk.crm.url}/contacts")
        expect(tab.locator("#softphone-state")).to_have_text("The softphone is open in another tab")
    assert desk.simulator.asked == {}


class TestASessionOfTwelveSeconds:
    @pytest.fixture
    def simulator(self) -> Iterator[Simulator]:
        """A vendor whose sessions end after twelve seconds."""
        with running_simulator(session_hours=12 / 3600, sessions_per_agent=50) as simulator:
            yield simulator

    def test_it_is_renewed_before_it_runs_out_but_not_during_a_call(self, desk: Desk) -> None:
        first = address(desk)
        expect(desk.page.locator("agent-softphone iframe")).not_to_have_attribute("src", first)
        desk.wait_until_ready()
        desk.ring()
        desk.answer()
        during = address(desk)
        desk.page.wait_for_function(
            """since => Date.now() > since + 13_000""", arg=desk.page.evaluate("Date.now()")
        )
        desk.wait_for_more_packets()
        desk.card.get_by_role("button", name="Hold").click()
        expect(desk.card).to_contain_text("On hold")
        assert address(desk) == during
        desk.hang_up()
        expect(desk.card).to_contain_text("Wrap-up")
        desk.wait_until_ready()
        assert address(desk) != during


class TestAnAgentWhoIsDeactivated:
    @staticmethod
    def deactivate(desk: Desk) -> None:
        with desk.crm.app.app_context():
            agent = db.session.scalars(select(Agent).filter_by(email="ayse@demo.example")).one()
            agents.deactivate(agent)
            db.session.commit()
            db.session.remove()

    def test_an_open_page_notices_within_a_minute_keeps_what_was_typed_and_has_no_phone(
        self, desk: Desk
    ) -> None:
        desk.page.goto(f"{desk.crm.url}/contacts/new")
        desk.wait_until_ready()
        desk.page.get_by_label("Name", exact=True).fill("Half-typed")
        self.deactivate(desk)
        later(desk.page, seconds=50)
        light(desk, "Signed out")
        expect(desk.page.locator("agent-softphone iframe")).to_have_count(0)
        expect(desk.page.get_by_label("Name", exact=True)).to_have_value("Half-typed")

    def test_a_call_is_not_cut_off(self, desk: Desk) -> None:
        desk.ring()
        desk.answer()
        expect(desk.card).to_contain_text("Talking")
        self.deactivate(desk)
        desk.page.get_by_role("navigation").get_by_role("link", name="Calls").click()
        expect(desk.page.get_by_role("heading", level=1, name="Log in")).to_be_visible()
        desk.wait_for_more_packets()
        light(desk, "On a call")
        desk.softphone.get_by_role("button", name="Hang up").click()
        expect(desk.page.locator("agent-softphone iframe")).to_have_count(0)
        light(desk, "Signed out")


def test_a_login_in_another_tab_brings_the_phone_back(desk: Desk, context: BrowserContext) -> None:
    desk.lose_login()
    desk.page.get_by_role("navigation").get_by_role("link", name="Calls").click()
    light(desk, "Signed out")
    other = context.new_page()
    other.goto(f"{desk.crm.url}/login")
    other.get_by_label("E-mail").fill("ayse@demo.example")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Log in").click()
    desk.wait_until_ready()


def test_a_dial_says_at_once_that_it_was_heard_and_later_that_the_vendor_is_slow(
    desk: Desk,
) -> None:
    desk.nobody_answers()
    asked = hold_back(desk.page, "**/dial")
    status = desk.page.locator("#main .dial-status").first
    status.evaluate(NOTE_WORDS)
    desk.page.locator("#main .dial-button").first.click()
    expect(status).to_contain_text("slow to answer")
    assert status.evaluate("place => place.words[0]") == "Dialling…"
    asked[0].continue_()
    expect(desk.card).to_contain_text("Dialling")
    expect(status).not_to_contain_text("slow to answer")


def test_hold_says_on_the_card_that_the_vendor_is_slow(desk: Desk) -> None:
    asked = hold_back(desk.page, "**/hold")
    desk.ring()
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    desk.card.get_by_role("button", name="Hold").click()
    expect(desk.card).to_contain_text("slow to answer")
    asked[0].continue_()
    expect(desk.card).to_contain_text("On hold")
    expect(desk.card).not_to_contain_text("slow to answer")


def test_a_card_that_is_drawn_anew_meanwhile_says_so_as_well(desk: Desk) -> None:
    asked = hold_back(desk.page, "**/hold")
    desk.ring()
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    desk.card.get_by_role("button", name="Hold").click()
    with desk.page.expect_response(re.compile("/call-panel/[^/]+$")):
        desk.page.evaluate("document.dispatchEvent(new CustomEvent('contacts-changed'))")
    expect(desk.card).to_contain_text("slow to answer")
    asked[0].continue_()
    expect(desk.card).to_contain_text("On hold")
    expect(desk.card).not_to_contain_text("slow to answer")


def test_amid_a_thousand_messages_a_second_the_page_answers_and_after_them_a_real_call_rings(
    desk: Desk,
) -> None:
    """The flood goes on until the agent has done all of it. How long the page stands still at the
    longest is measured by `make bench`.
    """
    desk.ring(UNKNOWN)
    desk.answer()
    cards = desk.page.locator(".call-card")
    talking = cards.filter(has_text="900555")
    expect(talking).to_contain_text("Talking")
    desk.softphone.locator("body").evaluate(FLOOD)
    desk.page.locator("agent-softphone").evaluate(UNTIL_DROPPED, 1000)
    desk.softphone.get_by_role("button", name="Hang up").click()
    expect(talking).to_contain_text("Wrap-up")
    talking.get_by_label("Note").fill("wants an offer")
    desk.go_to("Calls")
    desk.softphone.locator("body").evaluate("() => clearInterval(window.flood)")
    post_from_the_softphone(  # within the flood nobody can tell it from the others
        desk,
        json.dumps({"messageType": "IncomingCall", "number": KNOWN, "activecallkey": "real"}),
    )
    expect(cards.filter(has_text="Elif Şahin")).to_have_count(1)
    assert cards.count() < 120
    expect(talking.get_by_label("Note")).to_have_value("wants an offer")
