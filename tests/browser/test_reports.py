"""Reports in Chromium: pictures are drawn from the tables, come and go, and harm no call."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import select

from crm.extensions import db
from crm.models import Agent, Call, CallState, Direction
from tests.browser.conftest import PASSWORD, Crm, Desk
from tests.browser.test_pages import DENIZ, Eye, log_in_plainly
from tests.world import Simulator

DAYS = {date(2026, 3, 9): 3, date(2026, 3, 10): 5, date(2026, 4, 1): 2}
MARCH = "/reports?from=2026-03-01&to=2026-03-31"

# How many pixels of a canvas are painted, and of how many colours.
PAINTED = """canvas => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  let painted = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 0) continue;
    painted += 1;
    colours.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
  }
  return {painted, colours: [...colours]};
}"""
TOKEN = """name => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = `var(${name})`;
  const pen = document.createElement('canvas').getContext('2d');
  pen.fillStyle = getComputedStyle(probe).color;
  probe.remove();
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).join(',');
}"""
CHARTS = "() => Object.keys(window.Chart?.instances ?? {}).length"


@pytest.fixture
def filled(crm: Crm) -> None:
    """Ayşe's calls on some days: of each day one missed, the others answered."""
    with crm.app.app_context():
        ayse = db.session.scalars(select(Agent).filter_by(email="ayse@demo.example")).one()
        for day, count in DAYS.items():
            db.session.add_all(call_of(ayse, day, number) for number in range(count))
        db.session.commit()


def call_of(agent: Agent, day: date, number: int) -> Call:
    """A call at noon; the first one of a day is missed."""
    return Call(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        started_at=datetime(day.year, day.month, day.day, 9, number, tzinfo=UTC),
        direction=Direction.INBOUND,
        state=CallState.ENDED,
        answered=number > 0,
        wait_seconds=10,
        talk_seconds=60 if number else None,
        queue="Support",
    )


def open_report(desk: Desk, address: str = MARCH) -> None:
    """Go there as a link does, without a page load."""
    desk.page.evaluate(
        "url => htmx.ajax('GET', url, {target: '#main', swap: 'outerSync', push: 'true'})", address
    )
    expect(desk.page.get_by_role("heading", level=1, name="Reports")).to_be_visible()


def picture(page: Page, name: str) -> Locator:
    """The canvas of a table."""
    return page.locator(f"[data-chart=report-{name}] canvas")


def wait_until_drawn(page: Page, count: int = 4) -> None:
    """The library has drawn that many pictures."""
    page.wait_for_function(f"() => ({CHARTS})() === {count}")


def wait_until_painted(page: Page, colour: str) -> None:
    """The picture of the days has this colour somewhere."""
    painted = f"([canvas, colour]) => ({PAINTED})(canvas).colours.includes(colour)"
    page.wait_for_function(painted, arg=[picture(page, "days").element_handle(), colour])


def test_a_choice_of_days_draws_pictures_of_the_numbers_beside_them(
    desk: Desk, filled: None
) -> None:
    page = desk.page
    desk.go_to("Reports")
    page.get_by_label("From").fill("2026-03-01")
    page.get_by_label("To").fill("2026-03-31")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"/reports\?from=2026-03-01&to=2026-03-31"))
    tenth = page.locator("#report-days tr", has_text="Tue 10 Mar 2026").locator("td")
    expect(tenth.nth(0)).to_have_text("4")
    expect(tenth.nth(1)).to_have_text("1")
    wait_until_drawn(page)
    answered, missed = (page.evaluate(TOKEN, token) for token in ("--talking", "--missed"))
    for name in ("days", "hours", "agents", "queues"):
        seen = picture(page, name).evaluate(PAINTED)
        assert {answered, missed} <= set(seen["colours"]), name
    told = picture(page, "days").evaluate(
        "canvas => Chart.getChart(canvas).data.datasets.map(series => series.data[9])"
    )
    assert told == [4, 1, 0]


def test_of_a_long_time_a_bar_is_a_week(desk: Desk, filled: None) -> None:
    page = desk.page
    open_report(desk, "/reports?from=2026-01-01&to=2026-12-31")
    expect(page.get_by_text("a bar is 7 days together")).to_be_visible()
    wait_until_drawn(page)
    told = picture(page, "days").evaluate("canvas => Chart.getChart(canvas).data.datasets[0].data")
    assert len(told) == 53
    assert sum(told) == 7
    assert told[9] == 2 + 4  # 5 to 11 March
    expect(page.locator("#report-days tbody tr")).to_have_count(365)


def test_pictures_go_with_their_page_and_other_pages_load_no_library(
    desk: Desk, filled: None
) -> None:
    page = desk.page
    assert page.evaluate("typeof Chart") == "undefined"
    open_report(desk)
    wait_until_drawn(page)
    desk.go_to("Contacts")
    wait_until_drawn(page, 0)
    page.go_back()
    wait_until_drawn(page)
    expect(page.locator("#report-days tbody tr")).to_have_count(31)


def test_back_shows_the_days_before(desk: Desk, filled: None) -> None:
    open_report(desk)
    expect(desk.page.locator(".report-number").first).to_have_text("8")
    open_report(desk, "/reports?from=2026-04-01&to=2026-04-02")
    expect(desk.page.locator(".report-number").first).to_have_text("2")
    desk.page.go_back()
    expect(desk.page.locator(".report-number").first).to_have_text("8")
    wait_until_drawn(desk.page)


def test_another_palette_and_another_width_draw_again(desk: Desk, filled: None) -> None:
    page = desk.page
    page.emulate_media(color_scheme="light")
    open_report(desk)
    wait_until_drawn(page)
    light = page.evaluate(TOKEN, "--talking")
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(TOKEN, "--talking")
    assert dark != light
    wait_until_painted(page, dark)
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("() => document.querySelector('[data-chart] canvas').offsetWidth < 390")
    wait_until_painted(page, dark)


def test_a_table_is_kept_as_a_file(desk: Desk, filled: None) -> None:
    open_report(desk)
    with desk.page.expect_download() as coming:
        desk.page.get_by_role("link", name="Calls a day as CSV").click()
    text = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    rows = {row[0]: row[1:3] for row in csv.reader(io.StringIO(text), delimiter=";")}
    assert rows["2026-03-10"] == ["4", "1"]
    with desk.page.expect_download() as coming:
        desk.page.get_by_role("link", name="Queues for Excel").click()
    assert coming.value.suggested_filename == "Queues 2026-03-01 2026-03-31.xlsx"
    assert Path(coming.value.path()).read_bytes().startswith(b"PK")


def test_a_call_lives_on_while_reports_are_read(desk: Desk, filled: None) -> None:
    page = desk.page
    desk.ring()
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    page.evaluate("document.querySelector('agent-softphone iframe').marked = true")
    open_report(desk)
    wait_until_drawn(page)
    with page.expect_download():
        page.get_by_role("link", name="Agents for Excel").or_(
            page.get_by_role("link", name="Your calls for Excel")
        ).click()
    page.get_by_role("link", name="Last week").click()
    expect(page.get_by_text("No calls in these days")).to_be_visible()
    page.go_back()
    wait_until_drawn(page)
    assert page.evaluate("document.querySelector('agent-softphone iframe').marked")
    desk.wait_for_more_packets()
    expect(desk.card).to_contain_text("Talking")


def test_wrong_days_are_told_and_kept(desk: Desk) -> None:
    page = desk.page
    desk.go_to("Reports")
    page.get_by_label("From").fill("2026-03-31")
    page.get_by_label("To").fill("2026-03-01")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("The last day lies before the first.")).to_be_visible()
    expect(page.get_by_label("From")).to_have_value("2026-03-31")
    expect(page.get_by_label("To")).to_be_focused()


def test_a_library_that_does_not_come_leaves_the_tables(desk: Desk, filled: None) -> None:
    desk.page.route("**/vendor/chart.umd.js*", lambda route: route.abort())
    open_report(desk)
    expect(desk.page.locator("[data-chart]").first).to_be_hidden()
    expect(desk.page.locator("#report-days tbody tr")).to_have_count(31)


def test_reports_are_readable_and_fit_every_screen(
    page: Page, crm: Crm, simulator: Simulator, filled: None
) -> None:
    desk, eye = Desk(page, crm, simulator), Eye(page)
    desk.log_in(DENIZ)
    for address in (MARCH, "/reports?from=2020-01-01&to=2020-01-02", "/reports?from=2026-03-01"):
        open_report(desk, address)
        expect(page.locator("#main[aria-busy]")).to_have_count(0)
        eye.look(address)
        eye.try_widths(address)
    assert eye.faults == []


def test_a_tenant_is_chosen_with_one_click(
    page: Page, crm: Crm, simulator: Simulator, filled: None
) -> None:
    desk = Desk(page, crm, simulator)
    desk.log_in(DENIZ)
    open_report(desk)
    expect(page.locator("#report-queues")).to_contain_text("Support · demo")
    page.get_by_label("Tenant").select_option("second")
    expect(page.get_by_text("No calls in these days")).to_be_visible()
    expect(page).to_have_url(re.compile(r"from=2026-03-01&to=2026-03-31&tenant=\d"))


@pytest.fixture
def plain_page(new_context: Callable[..., BrowserContext], crm: Crm) -> Page:
    """A browser without JavaScript, logged in."""
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{crm.url}/login")
    log_in_plainly(page, PASSWORD)
    return page


def test_without_javascript_the_tables_stand_alone(
    plain_page: Page, crm: Crm, filled: None
) -> None:
    page = plain_page
    page.goto(f"{crm.url}/reports")
    page.get_by_label("From").fill("2026-03-01")
    page.get_by_label("To").fill("2026-03-31")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#report-days tr", has_text="Tue 10 Mar 2026")).to_contain_text("80.0%")
    expect(page.locator("[data-chart]").first).to_be_hidden()
