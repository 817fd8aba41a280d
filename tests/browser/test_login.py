"""Logging in to the CRM is all it takes: the softphone is ready, and faults are told in words."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import CONNECTED, PASSWORD, Crm, Desk
from tests.world import Simulator


def test_the_softphone_is_ready_after_one_login(desk: Desk) -> None:
    assert desk.simulator.asked["login"] == 1
    frame = desk.page.locator("agent-softphone iframe")
    expect(frame).to_have_attribute(
        "src", re.compile(r"tenant=demo\.callcenterstudio\.com&session=")
    )


def test_page_loads_and_new_tabs_cause_no_new_login(desk: Desk, context: BrowserContext) -> None:
    desk.page.reload()
    desk.wait_until_ready()
    second = context.new_page()
    second.goto(f"{desk.crm.url}/contacts")
    expect(second.locator("#softphone-state")).to_have_text("The softphone is open in another tab")
    assert desk.simulator.asked["login"] == 1


def test_another_tab_takes_the_softphone_over_when_the_first_closes(
    desk: Desk, context: BrowserContext
) -> None:
    second = context.new_page()
    second.goto(f"{desk.crm.url}/contacts")
    expect(second.locator("#softphone-state")).to_have_text("The softphone is open in another tab")
    desk.page.close()
    expect(second.locator("#softphone-state")).to_have_text(CONNECTED)


def test_without_the_vendor_the_agent_is_in_and_retries_with_a_click(
    page: Page, crm: Crm, simulator: Simulator
) -> None:
    simulator.console("switches", refuse_login=True)
    desk = Desk(page, crm, simulator)
    page.goto(f"{crm.url}/login")
    page.get_by_label("E-mail").fill("ayse@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1, name="Contacts")).to_be_visible()
    expect(page.locator("#dock")).to_contain_text("Kullanıcı bulunamadı")
    simulator.console("switches", refuse_login=False)
    page.wait_for_load_state()  # its scripts are there, so a click is heard
    page.get_by_role("button", name="Try again").click()
    desk.wait_until_ready()


def test_a_login_lost_in_mid_call_is_renewed_inside_the_page(desk: Desk) -> None:
    desk.ring()
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    desk.lose_login()
    desk.page.get_by_role("navigation").get_by_role("link", name="Calls").click()
    expect(desk.page.get_by_role("heading", level=1, name="Log in")).to_be_visible()
    desk.wait_for_more_packets()
    desk.page.get_by_label("E-mail").fill("ayse@demo.example")
    desk.page.get_by_label("Password").fill(PASSWORD)
    desk.page.get_by_role("button", name="Log in").click()
    expect(desk.page.get_by_role("heading", level=1, name="Calls")).to_be_visible()
    desk.wait_for_more_packets()
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")


def test_logging_out_asks_during_a_call_and_deletes_both_cookies(
    desk: Desk, context: BrowserContext
) -> None:
    desk.ring()
    desk.answer()
    expect(desk.page.locator("body")).to_have_attribute("data-call", "up")
    desk.open_menu()
    desk.page.get_by_role("button", name="Log out").click()
    dialog = desk.page.get_by_role("dialog")
    expect(dialog).to_contain_text("You are on a call")
    dialog.get_by_role("button", name="Stay").click()
    desk.wait_for_more_packets()
    desk.open_menu()
    desk.page.get_by_role("button", name="Log out").click()
    dialog.get_by_role("button", name="Log out").click()
    expect(desk.page.get_by_role("heading", level=1, name="Log in")).to_be_visible()
    names = {cookie["name"] for cookie in context.cookies()}
    assert "telephony_session" not in names
    desk.page.goto(f"{desk.crm.url}/contacts")
    expect(desk.page.get_by_role("heading", level=1, name="Log in")).to_be_visible()


def test_a_form_of_another_website_logs_nobody_out(desk: Desk, context: BrowserContext) -> None:
    """It is sent by the agent's own browser, with a made-up password, by a click somewhere else."""
    forms = "".join(
        f'<form method="post" action="{desk.crm.url}/{path}"><button>{path}</button></form>'
        for path in ("login", "logout", "nothing")
    )
    evil = "https://evil.example/"
    context.route(evil, lambda route: route.fulfill(body=forms, content_type="text/html"))
    elsewhere = context.new_page()
    for path in ("login", "logout", "nothing"):
        elsewhere.goto(evil)
        elsewhere.get_by_role("button", name=path, exact=True).click()
        elsewhere.wait_for_url(f"{desk.crm.url}/**")
        desk.page.goto(f"{desk.crm.url}/contacts")
        expect(desk.page.get_by_role("heading", level=1, name="Contacts")).to_be_visible()


def test_too_many_wrong_passwords_are_told_where_one_types(desk: Desk) -> None:
    desk.page.goto(f"{desk.crm.url}/settings/me/password")
    for guess in range(11):
        desk.page.get_by_label("Current password").fill(f"guess {guess}")
        desk.page.get_by_label("New password").fill("a new long password")
        with desk.page.expect_response("**/settings/me/password"):
            desk.page.get_by_role("button", name="Change password").click()
        # The form that the answer brings is empty; what is typed before it comes would go with it.
        expect(desk.page.get_by_label("Current password")).to_have_value("")
    expect(desk.page.locator("#main")).to_contain_text("Try again in")
    expect(desk.page.get_by_label("Current password")).to_be_visible()
