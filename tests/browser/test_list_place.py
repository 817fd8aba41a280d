"""Back leads to the row that was left, however far down the list it was."""

from playwright.sync_api import expect

from crm import contacts
from crm.contacts import ContactData
from crm.extensions import db
from tests.browser.conftest import Desk

MANY = 140


def test_back_leads_to_the_row_that_was_left(desk: Desk) -> None:
    with desk.crm.app.app_context():
        for number in range(MANY):
            name = f"Person {number:03}"
            data = ContactData(name=name, company="", email="", notes="", numbers=())
            contacts.create(data, region="TR")
        db.session.commit()
        db.session.remove()
    page = desk.page
    page.reload()
    desk.wait_until_ready()
    lines = page.locator("#contact-results [data-line]")
    while lines.count() < MANY:
        before = lines.count()
        page.locator("#contact-results .more").scroll_into_view_if_needed()
        expect(lines).not_to_have_count(before)
    row = page.get_by_role("link", name="Person 120")
    row.scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    row.click()
    expect(page.get_by_role("heading", level=1, name="Person 120")).to_be_visible()
    page.go_back()
    expect(row).to_be_focused()
    expect(row).to_be_in_viewport()
    page.wait_for_function("(top) => Math.abs(scrollY - top) < 60", arg=top)
