"""What happens to a desk meanwhile: in the middle of a call (`meet`), and between two."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, Desk
from tests.day.plan import Event

AYSE = "ayse@demo.example"
TAKE_IT = "#softphone-line [hx-post='/softphone/take']"
OWN_MENU = "#topbar details[data-menu] summary"


def meet(trouble: Event, desk: Desk, card: Locator, *, without_network: float) -> str:
    """In the middle of the card's call. Returns what was added to its note meanwhile."""
    if trouble is Event.NETWORK_LOST:
        return _lose_network(desk, card, without_network)
    if trouble is Event.LOGIN_LOST:
        return _lose_login(desk, card)
    if trouble is Event.SECOND_TAB:
        _use_second_tab(desk, card)
    else:
        desk.simulator.console("expire-sessions", agent=AYSE)
        for state in ("is-held", "is-talking"):  # both go through the API, with a new session
            card.locator("[id$=-hold]").click()
            expect(card).to_contain_class(state)
    return ""


def look_from_elsewhere(desk: Desk) -> None:
    """The same agent takes the softphone over in another browser, and back in this one."""
    browser = desk.page.context.browser
    assert browser is not None
    context = browser.new_context(locale="en-GB")
    other = Desk(context.new_page(), desk.crm, desk.simulator)
    other.open_desk(AYSE)
    other.page.locator(TAKE_IT).click()
    other.wait_until_ready()
    desk.page.locator("#topbar a[href='/calls']").click()  # whose answer says that it is gone
    desk.page.locator(TAKE_IT).click()
    desk.wait_until_ready()
    context.close()


def speak_turkish(page: Page) -> None:
    """Chosen on one's own settings page, as a person does."""
    page.locator(OWN_MENU).click()
    page.locator("#topbar a[href='/settings/me']").click()
    page.locator("#main [name=language]").select_option("tr")
    page.locator("#main form.section .form-actions button[type=submit]").click()
    expect(page.locator("html")).to_have_attribute("lang", "tr")


def choose_theme(page: Page, theme: str) -> None:
    """In the menu behind one's own name."""
    page.locator(OWN_MENU).click()
    page.locator(f"#topbar label.choice:has([data-theme-choice][value={theme}])").click()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.keyboard.press("Escape")


def _lose_network(desk: Desk, card: Locator, seconds: float) -> str:
    written = " Without a network."
    light = desk.page.locator("#softphone-state")
    desk.page.context.set_offline(True)
    expect(light).to_contain_class("is-offline")
    card.locator("[data-note]").press_sequentially(written)
    desk.page.wait_for_timeout(seconds * 1000)
    desk.page.context.set_offline(False)
    expect(light).to_contain_class("is-call")
    return written


def _lose_login(desk: Desk, card: Locator) -> str:
    written = " Without a login."
    desk.lose_login(AYSE)
    card.locator("[data-note]").press_sequentially(written)
    form = desk.page.locator("#main .login form").first
    form.locator("[name=email]").fill(AYSE)
    form.locator("[name=password]").fill(PASSWORD)
    form.locator("[type=submit]").click()
    expect(desk.page.locator("#main .login")).to_have_count(0)
    return written


def _use_second_tab(desk: Desk, card: Locator) -> None:
    """It shows the call, and holds it; the first tab follows."""
    tab = desk.page.context.new_page()
    tab.goto(f"{desk.crm.url}/calls")
    there = tab.locator(".call-card.is-talking")
    there.locator("[id$=-hold]").click()
    expect(card).to_contain_class("is-held")
    card.locator("[id$=-hold]").click()
    expect(there).to_have_count(1)
    tab.close()
