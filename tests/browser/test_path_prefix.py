"""The desk below a path of a host that others use as well: nothing is asked for outside of it."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from crm.settings import Settings
from tests.browser.conftest import KNOWN, Crm, Desk, is_fault
from tests.browser.running import Proxy, add_agents, add_contacts, running_crm
from tests.world import Simulator, wait_until


@pytest.fixture
def proxy() -> Proxy:
    """It has the CRM below /desk."""
    return Proxy("/desk")


@pytest.fixture
def crm(settings: Settings, simulator: Simulator, proxy: Proxy) -> Iterator[Crm]:
    """A CRM behind the proxy."""

    def fill() -> None:
        add_agents(simulator)
        add_contacts()

    with running_crm(replace(settings, trusted_proxies=1), fill, proxy) as crm:
        yield crm


def test_a_day_at_a_desk_below_a_path(
    page: Page, crm: Crm, simulator: Simulator, proxy: Proxy
) -> None:
    faults: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if is_fault(line) else None)
    page.on("request", lambda request: asked.append(request.url))
    desk = Desk(page, crm, simulator)
    desk.log_in()
    expect(page).to_have_url(f"{crm.url}/contacts")
    expect(page.locator("#topbar [aria-current=page]")).to_have_text("Contacts")

    desk.ring(KNOWN)
    expect(desk.card).to_contain_text("Elif Şahin")
    expect(page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    assert urlsplit(page.url).path.startswith("/desk/contacts/")
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    desk.hang_up()
    desk.card.get_by_label("Note").fill("Wants an offer")
    expect(desk.card).to_contain_text("Saved")
    desk.card.get_by_role("button", name="Done").click()
    expect(page.locator(".call-card")).to_have_count(0)

    page.locator("#main .dial-button").first.click()
    expect(desk.card).to_contain_text("Talking")
    desk.hang_up()
    posts = simulator.switchboard.hangup_posts.recent
    wait_until(lambda: [post.result for post in posts] == ["200"])
    assert urlsplit(posts[0].url).path.startswith("/desk/webhooks/hangup/")

    desk.go_to("Calls")
    page.get_by_role("link", name="Elif Şahin").first.click()
    expect(page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Calls")).to_be_visible()
    page.locator("#topbar summary").click()
    page.get_by_label("Dark").check(force=True)
    page.reload()
    expect(page.locator("html[data-theme=dark]")).to_be_attached()
    desk.wait_until_ready()
    cookies = {one["name"]: one["path"] for one in page.context.cookies(crm.url + "/")}
    assert set(cookies) == {"crm_login", "known_browser", "telephony_session", "theme"}
    assert set(cookies.values()) == {"/desk"}

    page.locator("#topbar summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert urlsplit(page.url).path == "/desk/login"
    host = urlsplit(crm.url).netloc
    ours = [one for one in map(urlsplit, asked) if one.netloc == host]
    assert [one.path for one in ours if not one.path.startswith("/desk/")] == []
    assert proxy.strays == []
    assert faults == []
