"""An agent without a mouse: each key of the list of shortcuts, and where the focus is after it."""

import re

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import KNOWN, UNKNOWN, Desk
from tests.browser.test_missed import finish, miss
from tests.browser.test_pages import open_contact

# Whether a key that is pressed where the focus is was taken. Keys with other modifiers than the
# keyboard's own are not to be had from Playwright.
TAKEN = """(keys) => keys.map((options) => !(document.activeElement ?? document.body).dispatchEvent(
  new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...options })))"""
NOT_ALONE = [
    {"key": "m", "ctrlKey": True},
    {"key": "m", "altKey": True},
    {"key": "m", "metaKey": True},
    {"key": "M", "shiftKey": True},
    {"key": "m", "repeat": True},
    {"key": "m", "isComposing": True},
    {"key": "/", "ctrlKey": True, "altKey": True},  # AltGr, on Windows
    {"key": "ı"},
    {"key": "Dead"},
    {"key": '"]'},
]


def press(desk: Desk, *keys: str) -> None:
    for key in keys:
        desk.page.keyboard.press(key)


def frame(desk: Desk) -> Locator:
    return desk.page.locator("agent-softphone iframe")


def shortcuts(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Keyboard shortcuts")


def test_a_call_is_answered_written_up_and_done_without_the_mouse(desk: Desk) -> None:
    call = desk.ring(KNOWN)
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    press(desk, "c")
    expect(desk.card.get_by_role("link", name="Elif Şahin")).to_be_focused()
    press(desk, "s")
    expect(frame(desk)).to_be_focused()
    press(desk, "Tab")
    expect(desk.softphone.get_by_role("button", name="Answer")).to_be_focused()
    press(desk, "Enter")
    expect(desk.card).to_contain_text("Talking")
    press(desk, "Shift+Tab")
    expect(desk.page.locator("#softphone-fold")).to_be_focused()
    press(desk, "n")
    expect(desk.card.get_by_label("Note")).to_be_focused()
    desk.page.keyboard.type("send me a nice card /?")  # letters as ever
    desk.simulator.console(f"calls/{call['id']}/far-side/hang-up")
    expect(desk.card).to_contain_text("Wrap-up")
    expect(desk.card.get_by_label("Note")).to_have_value("send me a nice card /?")
    press(desk, "Control+Enter")
    expect(desk.page.locator(".call-card")).to_have_count(0)
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_focused()


def test_after_done_the_next_card_has_the_focus_and_after_the_last_what_had_it_before(
    desk: Desk,
) -> None:
    desk.go_to("Calls")
    press(desk, "/")  # whoever is typing stays where they are
    search = desk.page.get_by_label("Search contacts")
    expect(search).to_be_focused()
    miss(desk, UNKNOWN)
    miss(desk, KNOWN)
    expect(search).to_be_focused()
    desk.card.get_by_label("Note").focus()
    press(desk, "Control+Enter")
    expect(desk.page.locator(".call-card")).to_have_count(1)
    expect(desk.card.get_by_role("button", name="Call back")).to_be_focused()
    press(desk, "e")
    expect(desk.page.locator(".call-card")).to_have_count(0)
    expect(search).to_be_focused()


def test_the_one_number_of_a_contact_is_dialled_and_of_several_one_is_chosen(desk: Desk) -> None:
    desk.nobody_answers()
    open_contact(desk, "Zeynep Öz")
    press(desk, "d")
    expect(desk.page.locator("#main .numbers .dial-button").first).to_be_focused()
    assert desk.simulator.asked["click2call"] == 0
    desk.go_to("Contacts")
    open_contact(desk, "John Smith")
    press(desk, "d")
    expect(desk.card).to_contain_text("Dialling")
    assert desk.simulator.asked["click2call"] == 1


def test_missed_calls_are_gone_through_and_marked_done(desk: Desk) -> None:
    for number in (KNOWN, UNKNOWN):
        miss(desk, number)
        finish(desk)
    back = desk.page.locator("#missed").get_by_role("button", name="Call back")
    press(desk, "m")
    expect(back.first).to_be_focused()
    press(desk, "m")
    expect(back.last).to_be_focused()
    press(desk, "m")
    expect(back.first).to_be_focused()
    press(desk, "e")
    expect(desk.page.get_by_role("button", name=re.compile("^Done ?: Elif"))).to_be_focused()
    press(desk, "e")
    expect(desk.page.get_by_role("heading", level=1, name="Missed calls")).to_be_focused()


def test_keys_that_are_not_alone_are_letters_and_the_list_switches_single_keys_off(
    desk: Desk,
) -> None:
    page = desk.page
    heading = page.get_by_role("heading", level=1, name="Contacts")
    taken = [{"key": "C"}, {"key": "/", "shiftKey": True}]  # caps lock; Turkish Q
    assert page.evaluate(TAKEN, taken) == [True, True]
    page.evaluate("document.activeElement.blur()")
    assert page.evaluate(TAKEN, NOT_ALONE) == [False] * len(NOT_ALONE)
    page.get_by_label("Search by name").focus()
    assert page.evaluate(TAKEN, [{"key": "m"}, {"key": "?"}]) == [False, False]

    page.evaluate("document.activeElement.blur()")
    press(desk, "?")
    expect(shortcuts(page)).to_be_visible()
    expect(shortcuts(page).get_by_role("button", name="Close the list")).to_be_focused()
    press(desk, "m")
    expect(heading).to_be_visible()
    shortcuts(page).get_by_label("Use the single keys").uncheck()
    press(desk, "Escape", "m", "?")
    page.reload()
    desk.wait_until_ready()
    press(desk, "m", "?")
    expect(shortcuts(page)).not_to_be_visible()
    expect(heading).to_be_visible()
    desk.open_menu()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    shortcuts(page).get_by_label("Use the single keys").check()
    press(desk, "Escape", "m")
    expect(page.get_by_role("heading", level=1, name="Missed calls")).to_be_visible()


def test_the_softphone_is_reached_in_a_folded_dock_and_brought_from_another_tab(
    desk: Desk, context: BrowserContext
) -> None:
    other = Desk(context.new_page(), desk.crm, desk.simulator)
    other.page.goto(f"{desk.crm.url}/contacts")
    bring = other.page.get_by_role("button", name="Bring it here")
    expect(bring).to_be_visible()
    press(other, "s")
    expect(bring).to_be_focused()
    desk.page.bring_to_front()
    desk.page.set_viewport_size({"width": 390, "height": 800})
    desk.ring(KNOWN)
    expect(desk.card).to_contain_text("Elif Şahin")
    press(desk, "s", "Tab")
    expect(desk.softphone.get_by_role("button", name="Answer")).to_be_focused()
