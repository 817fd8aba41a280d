"""The console as a stage: a scenario is played against the CRM, step by step, and reset."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from crm.simulator.seed import DEMO
from tests.browser.conftest import Desk
from tests.browser.test_pages import Eye
from tests.world import Simulator

pytestmark = pytest.mark.browser


@pytest.fixture
def console(browser: Browser, simulator: Simulator) -> Iterator[Page]:
    """The console in a window of its own; a script error in it fails the test."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    page, errors = context.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(simulator.url)
    yield page
    assert errors == []
    context.close()


def test_a_session_expires_in_mid_call_on_the_stage_and_nothing_is_lost(
    desk: Desk, console: Page
) -> None:
    eye, panel = Eye(console), console.locator("#playing")
    step = panel.locator("li[aria-current=step]")
    expect(console.get_by_label("At the desk")).to_have_value("ayse@demo.example")
    eye.look("the stage")
    console.get_by_role("button", name="A session expires in mid-call").click()
    expect(step).to_contain_text("Answer")
    desk.answer()
    expect(step).to_contain_text("Press Hold on the card")
    eye.look("the stage, playing")
    desk.card.get_by_role("button", name="Hold").click()
    expect(step).to_contain_text("Hang up on the card")
    desk.hang_up()
    expect(panel).to_contain_text("Played to the end")
    expect(desk.card).to_contain_text("Wrap-up")
    assert desk.simulator.switchboard.sessions.opened["ayse@demo.example"] == 2
    for tab in ("Faults", "Records", "Webhooks"):
        console.get_by_role("tab", name=tab).click()
        eye.look(tab)
    assert eye.faults == []


def test_stopped_in_the_middle_and_reset_only_when_asked_twice(desk: Desk, console: Page) -> None:
    board = desk.simulator.switchboard
    console.get_by_role("button", name="The API is down").click()
    expect(desk.card).to_contain_text("Ringing")
    key = desk.simulator.wait_for_call().activecallkey
    expect(console.get_by_role("tab", name="Faults")).to_have_text("Faults 1")
    console.get_by_role("button", name="Stop").click()
    expect(console.locator("#playing")).to_contain_text("Stopped")
    expect(desk.card).not_to_contain_text("Ringing")
    assert board.switches.api_answers == "json"
    reset = console.get_by_role("button", name="Reset", exact=True)
    reset.click()
    console.get_by_role("button", name="Leave it").click()
    expect(console.get_by_role("dialog")).to_be_hidden()
    assert board.records.find(DEMO, "activecallkey", key, unreadable_too=True)
    reset.click()
    console.get_by_role("button", name="Reset everything").click()
    expect(console.get_by_role("alert").first).to_contain_text("as at the start")
    assert not board.records.find(DEMO, "activecallkey", key, unreadable_too=True)
    expect(console.get_by_role("listitem").filter(has_text="Ayşe Demir")).to_contain_text("ready")
