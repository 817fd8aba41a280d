"""An agent who looks elsewhere is told of a ring: notification, title, icon, a sound by choice."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import KNOWN, Desk

# The page's own notifications and sounds, counted; whether it is looked at is the test's to say.
COUNTED = """
if (window === top) {
  window.notes = [];
  window.sounds = 0;
  window.asked = 0;
  window.Notification = class extends EventTarget {
    static permission = localStorage.permission ?? "granted";
    static async requestPermission() {
      window.asked += 1;
      this.permission = localStorage.permission = "granted";
    }
    constructor(title, { body, tag }) {
      super();
      Object.assign(this, { title, body, tag, open: true });
      window.notes.push(this);
    }
    close() { this.open = false; }
  };
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...when) {
    window.sounds += 1;
    window.sound = this;
    return start.apply(this, when);
  };
  Object.defineProperty(document, "hidden", { get: () => window.isAway ?? false });
}
"""


@pytest.fixture
def page(page: Page) -> Page:
    """A page that counts."""
    page.add_init_script(COUNTED)
    return page


# A browser that has seen no click. Playwright's own looks at the page would count as one.
NO_CLICK_YET = """
if (window === top) {
  const activation = { hasBeenActive: false };
  addEventListener("pointerdown", () => { activation.hasBeenActive = true }, true);
  Object.defineProperty(navigator, "userActivation", { value: activation });
  Object.defineProperty(AudioContext.prototype, "state", { get: () => "suspended" });
}
"""


def look(page: Page, *, away: bool) -> None:
    """The agent looks at another window, or comes back."""
    page.evaluate("away => { window.isAway = away }", away)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def icon(page: Page) -> Locator:
    return page.locator("link[rel=icon]")


def notes(desk: Desk, *, open_only: bool = True) -> list[list[str]]:
    """Title and text of the notifications."""
    shown = "notes.filter(({ open }) => open || !only).map(({ title, body }) => [title, body])"
    found: list[list[str]] = desk.page.evaluate(f"only => {shown}", open_only)
    return found


def wait_for_notes(desk: Desk, count: int) -> None:
    """So many notifications are open."""
    are_open = "notes.filter(({ open }) => open).length"
    desk.page.wait_for_function(f"count => {are_open} === count", arg=count)


def test_a_ring_tells_who_it_is_and_all_of_it_ends_with_the_ring(desk: Desk) -> None:
    look(desk.page, away=True)
    desk.ring(KNOWN)
    wait_for_notes(desk, 1)
    assert notes(desk) == [["Ringing: Elif Şahin", "Boğaz Mobilya\n0532 000 00 01"]]
    # The contact has opened by itself, and the page has its title.
    expect(desk.page).to_have_title(re.compile("^Ringing: Elif Şahin · Elif Şahin · "))
    expect(icon(desk.page)).to_have_attribute("href", re.compile("mark-ringing"))
    desk.answer()
    wait_for_notes(desk, 0)
    expect(desk.page).to_have_title(re.compile("^Elif Şahin · "))
    expect(icon(desk.page)).to_have_attribute("href", re.compile("mark[.]svg"))
    assert len(notes(desk, open_only=False)) == 1


def test_a_click_on_the_notification_comes_back_to_the_call(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 390, "height": 800})  # the dock is folded
    look(desk.page, away=True)
    desk.ring(KNOWN)
    wait_for_notes(desk, 1)
    desk.page.evaluate("window.focus = () => { window.cameBack = true }")
    desk.page.evaluate("notes[0].dispatchEvent(new Event('click'))")
    wait_for_notes(desk, 0)
    assert desk.page.evaluate("window.cameBack") is True
    expect(desk.card.get_by_role("link", name="Elif Şahin")).to_be_focused()
    expect(desk.softphone.get_by_role("button", name="Answer")).to_be_visible()


def test_a_missed_call_stays_in_title_and_icon_until_somebody_looks(desk: Desk) -> None:
    look(desk.page, away=True)
    call = desk.ring(KNOWN)
    wait_for_notes(desk, 1)
    desk.simulator.console(f"calls/{call['id']}/far-side/hang-up")
    wait_for_notes(desk, 0)
    expect(desk.page).to_have_title(re.compile("^Missed: Elif Şahin · "))
    expect(icon(desk.page)).to_have_attribute("href", re.compile("mark-missed"))
    look(desk.page, away=False)
    expect(desk.page).to_have_title(re.compile("^Elif Şahin · "))
    expect(icon(desk.page)).to_have_attribute("href", re.compile("mark[.]svg"))


def test_a_masked_caller_stays_masked_and_who_looks_at_the_page_gets_no_notification(
    desk: Desk,
) -> None:
    desk.ring(KNOWN, masked=True)
    expect(desk.page).to_have_title(re.compile("^Ringing: Elif Şahin"))
    assert notes(desk) == []
    look(desk.page, away=True)
    wait_for_notes(desk, 1)
    assert notes(desk) == [
        [
            "Ringing: Elif Şahin",
            "Boğaz Mobilya\nNumber withheld; found through Call Center Studio",
        ]
    ]


def test_the_sound_is_off_until_the_agent_wants_it_and_ends_with_the_ring(desk: Desk) -> None:
    sound = desk.page.get_by_label("Play a sound")
    call = desk.ring(KNOWN)
    expect(desk.page).to_have_title(re.compile("^Ringing"))
    desk.simulator.console(f"calls/{call['id']}/far-side/hang-up")
    expect(desk.page).not_to_have_title(re.compile("^Ringing"))
    assert desk.page.evaluate("sounds") == 0
    desk.open_menu()
    desk.page.get_by_role("link", name="My settings").click()
    desk.page.get_by_role("button", name="Hear it").click()
    desk.page.wait_for_function("() => sounds === 1 && !sound.loop")
    sound.check()
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.page.get_by_text("Your settings are saved.")).to_be_visible()
    expect(sound).to_be_checked()
    desk.ring(KNOWN)
    desk.page.wait_for_function("() => sounds === 2 && sound.loop")
    desk.answer()
    desk.page.wait_for_function("() => sound.context.state === 'closed'")


def test_what_the_browser_wants_first_is_said_before_the_first_call(desk: Desk) -> None:
    """A click, or nothing sounds; leave for notifications, which no page load asks for."""
    silent = desk.page.get_by_text("silent until you click once")
    ask = desk.page.get_by_text("Shall a notification tell you of calls")
    desk.page.add_init_script(NO_CLICK_YET)
    desk.page.evaluate("localStorage.permission = 'default'")
    desk.page.reload()
    desk.wait_until_ready()
    expect(silent).to_be_visible()
    expect(ask).not_to_be_visible()  # one thing at a time
    desk.page.get_by_role("button", name="Switch the sound on").click()
    expect(silent).not_to_be_visible()
    assert desk.page.evaluate("asked") == 0
    expect(ask).to_be_visible()
    call = desk.ring(KNOWN)
    expect(desk.card).to_contain_class("is-ringing")
    expect(ask).not_to_be_visible()
    desk.simulator.console(f"calls/{call['id']}/far-side/hang-up")
    desk.card.locator("[data-done]").click()
    desk.page.get_by_role("button", name="Allow", exact=True).click()
    expect(ask).not_to_be_visible()
    assert desk.page.evaluate("asked") == 1
    desk.page.goto(f"{desk.crm.url}/settings/me")
    expect(desk.page.get_by_text("a notification tells you who is calling")).to_be_visible()
