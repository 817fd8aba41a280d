"""Whether the desk is ready for calls: what Chrome allows and forbids is seen at once."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Desk

FINE = (
    *("secure", "network", "microphone", "sound", "notifications", "storage", "clock", "session"),
    *("api", "softphone_page"),
)


def row(page: Page, check: str) -> Locator:
    return page.locator(f"#check-{check}")


def allow(context: BrowserContext, page: Page, name: str, setting: str) -> None:
    """What the agent does in Chrome's own settings: granted, denied or prompt."""
    info = context.new_cdp_session(page).send("Target.getTargetInfo")["targetInfo"]
    assert context.browser is not None
    context.browser.new_browser_cdp_session().send(
        "Browser.setPermission",
        {
            "permission": {"name": name},
            "setting": setting,
            "browserContextId": info["browserContextId"],
        },
    )


def test_what_chrome_allows_is_said_and_a_change_is_seen_at_once(
    desk: Desk, context: BrowserContext
) -> None:
    page, light = desk.page, desk.page.locator("#checks-light")
    for name in ("microphone", "notifications"):
        allow(context, page, name, "granted")
    expect(light).to_have_attribute("data-state", "fine")
    desk.ring()
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    light.click()
    expect(page.get_by_role("heading", level=1, name="Ready for calls?")).to_be_visible()
    for check in FINE:
        expect(row(page, check)).to_have_attribute("data-state", "fine")
    expect(page.locator(".checks-worst")).to_contain_text("Yes. Nothing stands")
    row(page, "microphone").get_by_role("button", name="Try the microphone").click()
    expect(row(page, "microphone")).to_contain_text("You were heard.")
    desk.wait_for_more_packets()
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")

    allow(context, page, "notifications", "denied")
    expect(row(page, "notifications")).to_contain_text("switch Notifications on")
    expect(light).to_have_attribute("data-state", "mend")
    allow(context, page, "microphone", "denied")
    expect(row(page, "microphone")).to_contain_text("switch Microphone on")
    expect(page.locator(".checks-worst")).to_contain_text("Something is broken")
    expect(light.get_by_text("Microphone")).to_be_visible()
    allow(context, page, "microphone", "granted")
    allow(context, page, "notifications", "granted")
    expect(light).to_have_attribute("data-state", "fine")
    expect(light.get_by_text("Microphone")).to_be_hidden()


def test_check_again_asks_again_and_what_is_broken_is_said(desk: Desk) -> None:
    desk.open_menu()
    desk.page.locator("#topbar").get_by_role("link", name="Ready for calls?").click()
    expect(row(desk.page, "api")).to_have_attribute("data-state", "fine")
    desk.simulator.console("switches", api_answers="html")
    desk.page.get_by_role("button", name="Check again").click()
    expect(row(desk.page, "api")).to_contain_text("not as it should")
    expect(desk.page.locator(".checks-worst")).to_contain_text("Something is broken")
    desk.simulator.console("switches", api_answers="json")
    desk.page.get_by_role("button", name="Check again").click()
    expect(row(desk.page, "api")).to_have_attribute("data-state", "fine")
    expect(desk.page).to_have_title(re.compile("^Ready for calls[?]"))


def test_a_softphone_in_another_browser_is_no_fault(
    desk: Desk, new_context: Callable[..., BrowserContext]
) -> None:
    there = Desk(new_context().new_page(), desk.crm, desk.simulator)
    there.enter("ayse@demo.example")
    there.page.goto(f"{there.crm.url}/settings/checks")
    expect(row(there.page, "session")).to_contain_text("open in another tab or another browser")
