"""The calls page in a browser: filters that live in the address, files, and one call's page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, expect
from sqlalchemy import select

from crm import calls
from crm.callcenterstudio.results import CdrRecord
from crm.extensions import db
from crm.models import Agent, Tenant
from tests.browser.conftest import KNOWN, PASSWORD, UNKNOWN, Crm, Desk
from tests.browser.test_pages import GO, Eye, log_in_plainly


def put_calls(crm: Crm, count: int = 3) -> list[int]:
    """So many inbound calls of Elif's and as many dials, each with its record; newest last."""
    with crm.app.app_context():
        tenant = db.session.scalars(select(Tenant).filter_by(name="demo")).one()
        ayse = db.session.scalars(select(Agent).filter_by(email="ayse@demo.example")).one()
        made = []
        start = datetime.now(UTC) - timedelta(days=1)
        for number in range(2 * count):
            inbound = number % 2 == 0
            local = start + timedelta(hours=3, minutes=number)
            record = {
                "callkey": f"ck{number}",
                "inbound": inbound,
                "callerid": KNOWN if inbound else "908500000010",
                "called_num": "908500000010" if inbound else UNKNOWN,
                "calldate": f"{local:%Y-%m-%d %H:%M:%S}",
                "answered": not inbound,
                "abandon": inbound,
                "status": "hangup",
                "disposition": "" if inbound else "ANSWER",
                "waitduration": 9,
                "duration": None if inbound else 65,
                "queue": "Support" if inbound else "",
                "agentid": ayse.studio_email,
            }
            call = calls.record_cdr(tenant, CdrRecord.parse(record))
            assert call is not None
            made.append(call.id)
        db.session.commit()
        db.session.remove()
        return made


def rows(desk: Desk) -> Locator:
    return desk.page.locator("#call-list tbody tr[data-line]")


def test_filters_live_in_the_address_and_back_takes_one_away(desk: Desk) -> None:
    put_calls(desk.crm)
    page = desk.page
    page.evaluate("document.querySelector('agent-softphone iframe').dataset.first = 'yes'")
    desk.go_to("Calls")
    expect(rows(desk)).to_have_count(6)
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Direction").select_option("Inbound")
    expect(rows(desk)).to_have_count(3)
    expect(page).to_have_url(re.compile(r"/calls\?direction=inbound$"))
    page.get_by_label("Queue").select_option("Support")
    expect(page).to_have_url(re.compile(r"/calls\?direction=inbound&queue=Support$"))
    page.get_by_label("Who").fill("nobody")
    page.keyboard.press("Tab")
    expect(page).to_have_url(re.compile(r"who=nobody$"))
    expect(page.locator("#main")).to_contain_text("No call matches")
    page.go_back()
    expect(page).to_have_url(re.compile(r"/calls\?direction=inbound&queue=Support$"))
    expect(rows(desk)).to_have_count(3)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/calls\?direction=inbound$"))
    expect(page.get_by_label("Direction")).to_have_value("inbound")
    expect(page.get_by_label("Queue")).to_have_value("")
    page.get_by_role("link", name="Clear").click()
    expect(rows(desk)).to_have_count(6)
    expect(page.get_by_label("Direction")).to_have_value("")
    expect(page.locator("agent-softphone iframe")).to_have_attribute("data-first", "yes")


def test_a_list_stays_filtered_while_calls_come_in(desk: Desk) -> None:
    put_calls(desk.crm)
    desk.go_to("Calls")
    desk.page.get_by_text("More", exact=True).click()
    desk.page.get_by_label("Direction").select_option("Outbound")
    expect(rows(desk)).to_have_count(3)
    with desk.page.expect_response(re.compile(r"/calls\?direction=outbound&rows=1")):
        desk.ring(UNKNOWN)
    expect(desk.card).to_contain_text("Ringing")
    expect(rows(desk)).to_have_count(3)
    expect(desk.page).to_have_url(re.compile("direction=outbound"))


def test_what_is_filtered_is_downloaded_while_a_call_is_up(desk: Desk, tmp_path: Path) -> None:
    put_calls(desk.crm)
    desk.ring(KNOWN)
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    desk.go_to("Calls")
    desk.page.get_by_text("More", exact=True).click()
    desk.page.get_by_label("Direction").select_option("Outbound")
    expect(rows(desk)).to_have_count(3)
    desk.page.keyboard.press("Escape")
    for name, beginning in (("CSV", b"\xef\xbb\xbfStart;"), ("Excel", b"PK")):
        with desk.page.expect_download() as found:
            desk.page.get_by_role("link", name=name).click()
        file = tmp_path / found.value.suggested_filename
        found.value.save_as(file)
        assert file.name.startswith("Calls 20")
        assert file.read_bytes().startswith(beginning)
        if name == "CSV":
            assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 4
    expect(desk.card).to_contain_text("Talking")


def test_the_keyboard_opens_a_call_and_comes_back(desk: Desk) -> None:
    put_calls(desk.crm)
    desk.go_to("Calls")
    desk.page.get_by_text("More", exact=True).click()
    desk.page.get_by_label("Direction").select_option("Inbound")
    expect(rows(desk)).to_have_count(3)
    rows(desk).first.get_by_role("link").first.focus()
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_focused()
    expect(desk.page.locator("#main")).to_contain_text("Gave up waiting")
    desk.page.get_by_text("Call detail record").click()
    expect(desk.page.locator(".payload")).to_contain_text('"callkey": "ck2"')
    desk.page.go_back()
    expect(rows(desk)).to_have_count(3)


def test_the_pages_of_calls_are_readable_and_fit_every_screen(desk: Desk) -> None:
    made = put_calls(desk.crm, 5)
    eye = Eye(desk.page)
    for address in (
        "/calls?mine=1&from=2026-01-01&outcome=nonsense",
        "/calls?queue=none",
        f"/calls/{made[0]}",
        f"/calls/{made[1]}",
    ):
        desk.page.evaluate(GO, address)
        expect(desk.page.locator("#main[aria-busy]")).to_have_count(0)
        for summary in desk.page.locator("#main details > summary").all():
            summary.click()
        eye.look(address)
        eye.try_widths(address)
    assert eye.faults == []


def test_calls_are_filtered_and_opened_without_javascript(
    new_context: Callable[..., BrowserContext], crm: Crm
) -> None:
    put_calls(crm)
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{crm.url}/login?next=/calls")
    log_in_plainly(page, PASSWORD, "Calls")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Result").select_option("Gave up waiting")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tr[data-line]")).to_have_count(3)
    page.locator("tr[data-line] a").first.click()
    expect(page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
