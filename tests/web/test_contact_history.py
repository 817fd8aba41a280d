"""A contact's history has calls, notes without a call, and what was changed, by whom."""

import re

import pytest
from flask import Flask

from crm import contacts
from crm.extensions import db
from crm.models import Agent, ContactEntry, Tenant
from tests.unit.calls_world import make_contact
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in
from tests.web.test_follow_ups import call, elif_sahin

__all__ = ["call", "elif_sahin"]  # fixtures


def write(browser: Browser, contact_id: int, note: str) -> None:
    answer = browser.htmx_post(f"/contacts/{contact_id}/notes", {"note": note})
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == "timeline-changed"


def history(browser: Browser, contact_id: int, query: str = "") -> str:
    return browser.htmx_get(f"/contacts/{contact_id}/calls{query}").text


@pytest.mark.usefixtures("call")
def test_a_note_without_a_call_stands_among_the_calls(browser: Browser, elif_sahin: int) -> None:
    write(browser, elif_sahin, "met her at the <b>fair</b>\r\nwants a visit")
    write(browser, elif_sahin, "met her at the <b>fair</b>\r\nwants a visit")  # sent twice
    write(browser, elif_sahin, "   ")
    found = history(browser, elif_sahin)
    assert found.count('id="contact-entry-') == 1
    assert "met her at the &lt;b&gt;fair" in found
    assert "Ayşe Demir" in found
    assert 'id="call-event-1"' in found
    assert found.index("contact-entry-") < found.index("call-event-1")  # the newest first


def test_only_its_writer_or_an_admin_deletes_a_note(
    app: Flask, tenant: Tenant, browser: Browser, admin_browser: Browser, elif_sahin: int
) -> None:
    mehmet = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    for note in ("mine", "hers"):
        write(browser, elif_sahin, note)
    url = f"/contacts/{elif_sahin}/notes"
    assert mehmet.htmx_post(f"{url}/1/delete").status_code == 403
    assert browser.htmx_post(f"{url}/1/delete").status_code == 200
    assert admin_browser.htmx_post(f"{url}/2/delete").status_code == 200
    assert browser.htmx_post(f"{url}/2/delete").status_code == 404
    assert "contact-entry-" not in history(browser, elif_sahin)


def test_changes_are_told_with_what_stood_there(browser: Browser, elif_sahin: int) -> None:
    form = {"name": "Elif Kaya", "company": "Boğaz", "numbers-0-raw": "0532 000 00 01"}
    form |= {"numbers-0-label": "mobile", "version": "1"}
    assert browser.post(f"/contacts/{elif_sahin}", form).status_code == 303
    browser.post(f"/contacts/{elif_sahin}/delete")
    browser.post(f"/contacts/{elif_sahin}/restore")
    found = history(browser, elif_sahin)
    for text in (
        "Changed: Name, Company",
        "<del>Elif Şahin</del> Elif Kaya",
        "Deleted",
        "Restored",
    ):
        assert text in found
    before = db.session.scalars(db.select(ContactEntry.id)).all()
    browser.post(f"/contacts/{elif_sahin}", form | {"version": "2"})  # saved without a change
    assert db.session.scalars(db.select(ContactEntry.id)).all() == before


def test_another_tenant_sees_the_changes_and_not_the_notes(
    app: Flask, browser: Browser, jonas: Agent, elif_sahin: int
) -> None:
    write(browser, elif_sahin, "between us")
    browser.post(f"/contacts/{elif_sahin}/delete")
    browser.post(f"/contacts/{elif_sahin}/restore")
    other = logged_in(app, jonas)
    found = history(other, elif_sahin)
    assert "between us" not in found
    assert "Restored" in found
    assert "Ayşe Demir" not in found
    assert other.htmx_post(f"/contacts/{elif_sahin}/notes/1/delete").status_code == 404


def test_a_merge_brings_the_history_and_an_erasure_takes_it(
    browser: Browser, admin_browser: Browser, elif_sahin: int
) -> None:
    other = make_contact("E. Sahin").id
    write(browser, other, "met her at the fair")
    browser.post(f"/contacts/{elif_sahin}/merge", {"with": str(other), "versions": "1,1"})
    found = history(browser, elif_sahin)
    assert "met her at the fair" in found
    assert "Merged with E. Sahin" in found
    admin_browser.post(f"/contacts/{elif_sahin}/erase", {"name": "Elif Şahin"})
    assert contacts.get(elif_sahin) is None
    assert db.session.scalars(db.select(ContactEntry)).all() == []


@pytest.mark.usefixtures("call")
def test_a_long_history_comes_in_pages_without_a_gap(browser: Browser, elif_sahin: int) -> None:
    for number in range(61):
        write(browser, elif_sahin, f"note {number}.")
    seen, page = "", history(browser, elif_sahin)
    while more := re.search(r'class="more" hx-get="([^"]+)"', page):
        seen += page
        page = browser.htmx_get(more[1].replace("&amp;", "&")).text
    seen += page
    assert [number for number in range(61) if f"note {number}." not in seen] == []
    assert seen.count('id="call-event-1"') == 1
    assert seen.count('id="contact-entry-') == 61
