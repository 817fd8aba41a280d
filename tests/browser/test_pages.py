"""Every page and every state of the dock: readable in light and dark, by keyboard, on any width.

One logged-in admin walks them all, so that few pages are loaded; axe looks at each of them.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, TimeoutError, expect

from crm import contacts
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.pages.contacts.lists import FIRST_ROWS, NEXT_ROWS
from tests.browser.conftest import KNOWN, PASSWORD, SHARED, UNKNOWN, Crm, Desk
from tests.world import Simulator

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async (rules) => {
  const found = await axe.run(document, {
    iframes: false, preload: false, resultTypes: ["violations"],
    ...(rules && {runOnly: rules}),
  });
  return found.violations.map(({id, nodes}) => `${id}: ${nodes[0].html} (${nodes.length})`);
}"""
GO = "url => htmx.ajax('GET', url, {target: '#main', swap: 'outerSync', push: 'true'})"
WIDTHS = (360, 640, 768, 900, 1100, 2560, 1280)
PAGES = (
    "/contacts",
    "/contacts?q=kuzey",
    "/contacts?q=nobody+of+this+name",
    "/contacts?add_number=%2B447700900555&call=c",
    "/contacts/1",
    "/contacts/1/edit",
    "/contacts/1/merge",
    "/contacts/1/merge?with=2",
    "/contacts/1/erase",
    "/contacts/new?number=%2B447700900555",
    "/calls",
    "/missed",
    "/settings",
    "/settings/tenants",
    "/settings/tenants/new",
    "/settings/tenants/1",
    "/settings/agents",
    "/settings/agents/new",
    "/settings/agents/1",
    "/settings/agents/1/password",
    "/settings/imports",
    "/settings/keeping",
    "/settings/inspector",
    "/settings/work",
    "/settings/work?show=failed",
    "/settings/checks",
    "/settings/me",
    "/settings/me/password",
    "/nothing/here",
)
LONG_WORD = "Muvaffakiyetsizleştiricileştiriveremeyebileceklerimizdenmişsinizcesine"
DENIZ = "deniz@demo.example"


class Eye:
    """Looks at what the page shows at this moment, and remembers what is wrong with it."""

    def __init__(self, page: Page) -> None:
        # A colour on its way to another is no colour to measure.
        page.emulate_media(reduced_motion="reduce")
        self.page = page
        self.faults: list[str] = []

    def look(self, name: str) -> None:
        """Axe in light, its contrasts in dark, which the system wants or the agent has chosen."""
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(AXE)
        self._note(name, self.page.evaluate(RUN_AXE, None))
        self.page.emulate_media(color_scheme="dark")
        self._note(f"{name} (dark)", self.page.evaluate(RUN_AXE, ["color-contrast"]))
        self.page.emulate_media(color_scheme="light")
        self.page.evaluate("document.documentElement.dataset.theme = 'dark'")
        self._note(f"{name} (dark by choice)", self.page.evaluate(RUN_AXE, ["color-contrast"]))
        self.page.evaluate("delete document.documentElement.dataset.theme")

    def try_widths(self, name: str) -> None:
        """No sideways scrolling, from a phone to a wide screen."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 800})
            try:  # a chart is drawn anew a moment later
                self.page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
            except TimeoutError:
                self.faults.append(f"{name} scrolls sideways at {width}")

    def _note(self, name: str, found: list[str]) -> None:
        self.faults += [f"{name}: {fault}" for fault in found]


@pytest.fixture
def admin(page: Page, crm: Crm, simulator: Simulator) -> Desk:
    """Deniz's desk. What the browser says of a lost network fails no test here."""
    desk = Desk(page, crm, simulator)
    desk.log_in(DENIZ)
    return desk


def fill_book(crm: Crm, count: int) -> None:
    """So many more contacts, each with a number of its own."""
    with crm.app.app_context():
        for i in range(count):
            number = (Number(f"+44770090{i:04}", "mobile"),)
            data = ContactData(
                name=f"Person {i:03}", company="Many Ltd", email="", notes="", numbers=number
            )
            contacts.create(data, region="TR")
        db.session.commit()


def test_every_page_is_readable_and_fits_every_screen(admin: Desk) -> None:
    eye = Eye(admin.page)
    admin.page.goto(f"{admin.crm.url}/contacts/1/edit")
    admin.page.get_by_label("Name", exact=True).fill(f"Elif {LONG_WORD}")
    admin.page.get_by_role("button", name="Save").click()
    expect(admin.page.get_by_role("heading", level=1)).to_contain_text("Muvaf")
    for address in PAGES:
        admin.page.evaluate(GO, address)
        expect(admin.page.locator("#main[aria-busy]")).to_have_count(0)
        eye.look(address)
        eye.try_widths(address)
    assert eye.faults == []


def test_the_login_and_what_it_says_are_readable(page: Page, crm: Crm) -> None:
    eye = Eye(page)
    page.goto(f"{crm.url}/login")
    eye.look("login")
    page.get_by_label("E-mail").fill("ayse@demo.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("main")).to_contain_text("do not match")
    eye.look("login refused")
    eye.try_widths("login refused")
    assert eye.faults == []


def test_every_state_of_a_call_is_readable(admin: Desk) -> None:
    eye = Eye(admin.page)
    for caller, options in (
        (SHARED, {}),
        ("anonymous", {}),
        ("+447700900888", {"masked": True}),
        (KNOWN, {}),
    ):
        _look_at_a_missed_call(admin, eye, caller, **options)
    admin.ring(KNOWN, agent=DENIZ, queue=LONG_WORD)
    admin.answer()
    expect(admin.card).to_contain_text("Talking")
    eye.look("talking")
    admin.card.get_by_role("button", name="Hold").click()
    expect(admin.card).to_contain_text("On hold")
    admin.ring(UNKNOWN, agent=DENIZ)
    expect(admin.page.locator(".call-card")).to_have_count(2)
    eye.look("two calls")
    eye.try_widths("two calls")
    assert eye.faults == []


def test_what_is_dialled_taken_or_not_and_written_up_is_readable(admin: Desk) -> None:
    eye = Eye(admin.page)
    admin.nobody_answers()
    open_contact(admin, "John Smith")
    admin.page.keyboard.press("d")
    expect(admin.card).to_contain_text("Dialling")
    eye.look("dialling")
    admin.hang_up()
    expect(admin.card).to_contain_text("Cancelled")
    admin.card.get_by_label("Note").fill("Wants an offer")
    admin.card.get_by_text("Follow-up", exact=True).click()
    expect(admin.card).to_contain_text("Saved")
    eye.look("wrap-up with a note and an outcome")
    assert eye.faults == []


def test_menus_lists_and_questions_are_readable(admin: Desk) -> None:
    eye, page = Eye(admin.page), admin.page
    admin.open_menu()
    eye.look("menu")
    page.get_by_role("button", name="Keyboard shortcuts").click()
    eye.look("shortcuts")
    eye.try_widths("shortcuts")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="New contact").click()
    page.get_by_label("Name", exact=True).fill("Half-typed")
    contacts_link = page.get_by_role("navigation").get_by_role("link", name="Contacts")
    contacts_link.press("Enter")
    expect(page.get_by_role("button", name="Stay")).to_be_focused()
    eye.look("question")
    page.keyboard.press("Enter")
    expect(contacts_link).to_be_focused()
    assert eye.faults == []


def _look_at_a_missed_call(desk: Desk, eye: Eye, caller: str, **options: Any) -> None:
    call = desk.ring(caller, agent=DENIZ, **options)
    expect(desk.card).to_contain_text("Ringing")
    eye.look(f"{caller} rings")
    desk.simulator.console(f"calls/{call['id']}/far-side/hang-up")
    expect(desk.card).to_contain_text("Missed")
    eye.look(f"{caller} wrap-up")
    desk.card.get_by_role("button", name="Done").click()
    expect(desk.page.locator(".call-card")).to_have_count(0)


def test_on_a_phone_the_bar_shows_who_calls_and_hangs_up(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 390, "height": 800})
    desk.ring(KNOWN)
    expect(desk.card).to_contain_text("Elif Şahin")
    desk.page.get_by_role("button", name="Open to answer").click()
    desk.answer()
    desk.page.get_by_role("button", name="Show the phone").click()
    expect(desk.card.get_by_text("Talking")).to_be_in_viewport()
    expect(desk.card.get_by_role("timer")).to_be_in_viewport()
    expect(desk.card.get_by_text("Elif Şahin")).to_be_in_viewport()
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")


def test_the_keyboard_alone_finds_opens_and_changes_a_contact(desk: Desk) -> None:
    keys = desk.page.keyboard
    keys.press("/")
    with desk.page.expect_response(lambda answer: "q=bo%C4%9F" in answer.url):
        keys.type("boğ")
    expect(desk.page.locator("form.search.htmx-request")).to_have_count(0)
    expect(desk.page.locator("#contact-results .row")).to_have_count(1)
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_focused()
    keys.press("Tab")
    expect(desk.page.get_by_role("link", name="Edit")).to_be_focused()
    keys.press("Enter")
    expect(desk.page.get_by_label("Name", exact=True)).to_be_focused()
    keys.press("End")
    keys.type(" Kaya")
    keys.press("Enter")
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin Kaya")).to_be_focused()


def test_the_skip_link_leads_past_the_bar(page: Page, crm: Crm) -> None:
    page.goto(f"{crm.url}/login?next=/calls")
    log_in_plainly(page, PASSWORD, "Calls")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_skip_links_lead_to_the_call_and_into_the_softphone(desk: Desk) -> None:
    keys = desk.page.keyboard
    desk.page.evaluate("document.activeElement.blur()")
    keys.press("Tab")
    keys.press("Tab")
    expect(desk.page.get_by_role("link", name="Skip to the call")).to_be_focused()
    keys.press("Enter")
    expect(desk.page.get_by_role("region", name="Calls at this moment")).to_be_focused()
    keys.press("Shift+Tab")
    desk.page.get_by_role("link", name="Skip to the softphone").focus()
    keys.press("Enter")
    expect(desk.page.locator("agent-softphone iframe")).to_be_focused()


def test_the_list_goes_on_where_it_is_scrolled_to(desk: Desk) -> None:
    fill_book(desk.crm, 110)
    desk.go_to("Calls")
    desk.go_to("Contacts")
    rows = desk.page.locator("#contact-results [data-row]")
    expect(rows).to_have_count(FIRST_ROWS)
    for count in (FIRST_ROWS + NEXT_ROWS, 114):
        desk.page.locator("#contact-results .more").scroll_into_view_if_needed()
        expect(rows).to_have_count(count)


def test_a_deleted_contact_comes_back_with_one_click(desk: Desk) -> None:
    open_contact(desk, "John Smith")
    desk.page.get_by_role("button", name="Delete").click()
    expect(desk.page.locator("#main")).to_contain_text("John Smith was deleted")
    expect(desk.page.get_by_role("link", name="John Smith")).to_have_count(0)
    desk.page.get_by_role("button", name="Undo").click()
    expect(desk.page.get_by_role("heading", level=1, name="John Smith")).to_be_visible()


def open_contact(desk: Desk, name: str) -> None:
    """Follow the name in the list."""
    desk.page.locator("#main").get_by_role("link", name=name).click()
    expect(desk.page.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_an_opened_call_stays_open_while_calls_come_in(desk: Desk) -> None:
    first = desk.ring(KNOWN)
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    desk.simulator.console(f"calls/{first['id']}/far-side/hang-up")
    events = desk.page.locator("#timeline details")
    expect(events).to_have_count(1)
    events.locator("summary").click()
    expect(events.first).to_contain_text("NOANSWER")
    desk.ring(KNOWN)
    expect(events).to_have_count(2)
    expect(events.nth(1)).to_have_attribute("open", "")
    expect(events.nth(0)).not_to_have_attribute("open", "")


def test_back_restores_the_page_and_a_lost_network_offers_a_retry(admin: Desk) -> None:
    page = admin.page
    open_contact(admin, "Elif Şahin")
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Contacts")).to_be_visible()
    page.route("**/contacts/*", lambda route: route.abort())
    page.go_forward()
    expect(page.get_by_role("alert")).to_contain_text("could not be fetched")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()


@pytest.fixture
def plain_page(new_context: Callable[..., BrowserContext], crm: Crm) -> Page:
    """A browser without JavaScript, logged in."""
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{crm.url}/login")
    log_in_plainly(page, PASSWORD)
    return page


def log_in_plainly(page: Page, password: str, leads_to: str = "Contacts") -> None:
    """Send the login form; nobody waits for the softphone."""
    page.get_by_label("E-mail").fill("ayse@demo.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1, name=leads_to)).to_be_visible()


def test_contacts_are_found_made_and_changed_without_javascript(plain_page: Page) -> None:
    page = plain_page
    search = page.get_by_label("Search by name")
    search.fill("zeyn")
    search.press("Enter")
    expect(page.locator("#contact-results .row")).to_have_count(1)
    page.get_by_role("link", name="New contact").click()
    page.get_by_label("Name", exact=True).fill("Ada Example")
    page.get_by_label(re.compile("Number")).first.fill("+44 7700 900123")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", level=1, name="Ada Example")).to_be_visible()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Company").fill("Example & Sons")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("#main")).to_contain_text("Example & Sons")
    page.get_by_role("link", name="Show the calls").click()
    expect(page.locator("body")).to_contain_text("Changed: Company")


def test_a_password_is_changed_without_javascript(plain_page: Page, crm: Crm) -> None:
    page = plain_page
    page.goto(f"{crm.url}/settings/me/password")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("another long password")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("heading", level=1, name="My settings")).to_be_visible()
    page.locator("summary").click()
    page.get_by_role("group").get_by_role("button", name="Log out").click()
    log_in_plainly(page, "another long password")
