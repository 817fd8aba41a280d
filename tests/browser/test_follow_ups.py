"""What an agent does after a call: wrap up, promise a follow-up, and keep the promise."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from crm.extensions import db
from crm.models import Call, Tenant
from tests.browser.conftest import KNOWN, Crm, Desk
from tests.browser.test_pages import Eye
from tests.world import Simulator


def test_a_follow_up_is_promised_in_the_card_and_worked_off_in_the_list(desk: Desk) -> None:
    page = desk.page
    desk.ring(KNOWN)
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    note = desk.card.get_by_label("Note")
    note.fill("wants an offer")
    desk.card.get_by_text("Follow-up", exact=True).click()
    day = desk.card.get_by_label("Day")
    expect(day).not_to_have_value("")
    desk.card.get_by_label("Time").fill("23:59")
    expect(desk.card.get_by_label("Time")).to_have_attribute("value", "23:59")
    expect(note).to_have_value("wants an offer")
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")
    desk.card.get_by_role("button", name="Done").click()
    expect(page.locator(".call-card")).to_have_count(0)

    page.get_by_role("navigation").get_by_role("link", name="Follow-ups").click()
    expect(page.get_by_role("heading", level=1, name="Follow-ups")).to_be_visible()
    row = page.locator(".due-row")
    expect(row).to_contain_text("Elif Şahin")
    expect(row).to_contain_text("wants an offer")
    row.locator("summary").click()
    row.get_by_role("button", name="In a week").click()
    expect(page.locator("#follow-ups-told")).to_contain_text("Elif Şahin: moved to")
    row.get_by_role("button", name="Done").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing to follow up")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("Elif Şahin")
    row.get_by_role("button", name="Dial").click()
    expect(desk.card).to_contain_text("Talking", timeout=20_000)
    desk.hang_up()


def test_wrap_up_ends_by_itself_but_not_under_the_fingers(desk: Desk) -> None:
    with desk.crm.app.app_context():
        db.session.execute(update(Tenant).values(wrap_up_seconds=1))
        db.session.commit()
    desk.page.reload()
    desk.wait_until_ready()
    desk.ring(KNOWN)
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    desk.card.get_by_label("Note").fill("wants an offer")
    desk.hang_up()
    # Whoever has just typed has half a minute more.
    expect(desk.card.locator("[data-left]")).to_have_text(re.compile(r"0:(30|[12]\d)"))
    expect(desk.page.locator(".call-card")).to_have_count(0, timeout=60_000)
    with desk.crm.app.app_context():
        assert db.session.scalars(select(Call.note)).all() == ["wants an offer"]


def test_the_pages_are_readable_and_fit_every_screen(
    page: Page, crm: Crm, simulator: Simulator
) -> None:
    desk, eye = Desk(page, crm, simulator), Eye(page)
    desk.log_in()
    page.goto(f"{crm.url}/contacts/1")
    page.get_by_text("Follow up…").click()
    page.get_by_label("What to do").fill("send the offer")
    eye.look("a contact, a follow-up being made")
    page.locator("#contact-follow-ups").get_by_role("button", name="Save").click()
    expect(page.locator(".due-row")).to_contain_text("send the offer")
    page.goto(f"{crm.url}/follow-ups")
    page.locator(".due-row summary").click()
    eye.look("follow-ups")
    eye.try_widths("follow-ups")
    assert eye.faults == []


def test_a_note_without_a_call_stands_in_the_history(desk: Desk) -> None:
    page = desk.page
    page.locator(".row-name").filter(has_text="Elif Şahin").first.click()
    page.get_by_placeholder("Write a note, without a call").fill("met her at the fair")
    page.locator("#contact-note").get_by_role("button", name="Save").click()
    expect(page.locator("#timeline")).to_contain_text("met her at the fair")
    expect(page.get_by_placeholder("Write a note, without a call")).to_have_value("")
