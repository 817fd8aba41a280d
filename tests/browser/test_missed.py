"""A ring that nobody answers waits to be called back, until somebody talks with the caller."""

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import KNOWN, UNKNOWN, Crm, Desk, hold_back
from tests.browser.test_pages import Eye
from tests.world import Simulator


def miss(desk: Desk, number: str = KNOWN) -> None:
    """Somebody rings and gives up before Ayşe answers."""
    call = desk.ring(number)
    expect(desk.card).to_contain_text("Ringing")
    desk.simulator.console(f"calls/{call['id']}/far-side/hang-up")
    expect(desk.card.locator(".state")).to_have_text("Missed")


def finish(desk: Desk) -> None:
    """Ayşe is done with the newest card."""
    cards = desk.page.locator(".call-card")
    before = cards.count()
    desk.card.get_by_role("button", name="Done").click()
    expect(cards).to_have_count(before - 1)


def badge(desk: Desk) -> Locator:
    return desk.page.locator("#missed-badge")


def row_of(desk: Desk, name: str) -> Locator:
    return desk.page.locator(".missed-row").filter(has_text=name)


def open_list(desk: Desk) -> None:
    desk.page.get_by_role("navigation").get_by_role("link", name="Missed").click()
    expect(desk.page.get_by_role("heading", level=1, name="Missed calls")).to_be_visible()


def test_a_missed_call_is_called_back_and_leaves_the_list_when_it_is_answered(desk: Desk) -> None:
    expect(badge(desk)).to_have_text("")
    miss(desk)
    expect(badge(desk)).to_contain_text("1 caller waits to be called back")
    finish(desk)
    open_list(desk)
    row_of(desk, "Elif Şahin").get_by_role("button", name="Call back").click()
    expect(desk.card).to_contain_text("Talking")
    expect(badge(desk)).to_have_text("")
    expect(desk.page.get_by_text("Nobody is waiting for a call back")).to_be_visible()
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")
    assert desk.simulator.asked["click2call"] == 1


def test_a_call_that_another_agent_marks_done_leaves_this_page_too(
    desk: Desk, browser: Browser
) -> None:
    miss(desk)
    finish(desk)
    open_list(desk)
    context = browser.new_context(locale="en-GB")
    other = Desk(context.new_page(), desk.crm, desk.simulator)
    desk.simulator.console("softphones", agent="mehmet@demo.example")
    other.log_in("mehmet@demo.example")
    expect(badge(other)).to_contain_text("1 caller")
    open_list(other)
    hold_back(desk.page, "**/missed/list**")  # it asks twice a minute, and would know too soon
    row_of(other, "Elif Şahin").get_by_role("button", name="Done").click()
    expect(other.page.get_by_text("Nobody is waiting for a call back")).to_be_visible()
    expect(badge(other)).to_have_text("")
    row_of(desk, "Elif Şahin").get_by_role("button", name="Done").click()
    expect(desk.page.locator("#missed-told")).to_contain_text("Mehmet Kaya has done this already")
    expect(badge(desk)).to_have_text("")
    context.close()


def test_the_list_is_worked_off_with_the_keyboard(desk: Desk) -> None:
    miss(desk)
    finish(desk)
    miss(desk, UNKNOWN)
    finish(desk)
    open_list(desk)
    first = desk.page.locator(".missed-row").first
    first.get_by_role("button", name="Done").press("Enter")
    expect(desk.page.locator(".missed-row")).to_have_count(1)
    expect(row_of(desk, "Elif Şahin").get_by_role("button", name="Done")).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("heading", level=1)).to_be_focused()


def test_done_is_taken_back_with_one_click_as_long_as_the_page_stays(desk: Desk) -> None:
    miss(desk)
    finish(desk)
    open_list(desk)
    row_of(desk, "Elif Şahin").get_by_role("button", name="Done").click()
    told = desk.page.locator("#missed-told")
    expect(told).to_contain_text("Elif Şahin is taken care of.")
    with desk.page.expect_response("**/missed/list**"):
        desk.page.evaluate("document.body.dispatchEvent(new CustomEvent('calls-changed'))")
    undo = hold_back(desk.page, "**/undo")
    told.get_by_role("button", name="Undo").focus()
    with desk.page.expect_request("**/undo"):
        desk.page.keyboard.press("Enter")
    with desk.page.expect_event("requestfinished", lambda asked: "/missed/badge" in asked.url):
        desk.page.evaluate("document.body.dispatchEvent(new CustomEvent('missed-changed'))")
    # Its number is drawn anew before the answer to Undo comes.
    undo[0].continue_()
    expect(row_of(desk, "Elif Şahin").get_by_role("button", name="Done")).to_be_focused()
    expect(badge(desk)).to_contain_text("1 caller")
    expect(told).to_contain_text("Elif Şahin waits to be called back again.")


def test_a_page_that_nobody_looks_at_asks_again_when_somebody_does(desk: Desk) -> None:
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    desk.page.evaluate("""() => {
        Object.defineProperty(document, "hidden", {value: true, configurable: true});
        document.body.dispatchEvent(new CustomEvent("missed-changed"));
        Object.defineProperty(document, "hidden", {value: false, configurable: true});
    }""")
    with desk.page.expect_request("**/missed/badge"):
        desk.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert len([url for url in asked if url.endswith("/missed/badge")]) == 1


def test_the_page_is_readable_and_fits_every_screen(
    page: Page, crm: Crm, simulator: Simulator
) -> None:
    desk, eye = Desk(page, crm, simulator), Eye(page)
    desk.log_in()
    miss(desk)
    miss(desk, UNKNOWN)
    miss(desk, "anonymous")
    open_list(desk)
    expect(page.locator(".missed-row")).to_have_count(3)
    eye.look("missed calls")
    eye.try_widths("missed calls")
    page.locator(".missed-row").last.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    eye.look("a caller who is taken care of")
    assert eye.faults == []
