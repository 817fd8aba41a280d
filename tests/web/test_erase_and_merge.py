"""Erasing a contact for good, and merging two, as people do it."""

import pytest
from flask import Flask
from sqlalchemy import select

from crm import calls
from crm.contacts import ContactData, Number, create
from crm.extensions import db
from crm.models import Agent, Call, Contact, Work, utc_now
from crm.worker.vacuum import VACUUM
from tests.web.browser import Browser


def person(name: str, *numbers: str, **more: str) -> Contact:
    data = ContactData(name=name, numbers=tuple(Number(one, "work") for one in numbers), **more)
    contact = create(data, region="TR")
    db.session.commit()
    return contact


def rings(agent: Agent, number: str) -> Call:
    call = calls.record_message(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        browser_call_id="c1",
        kind="IncomingCall",
        number=number,
        activecallkey="k1",
        occurred_at=utc_now(),
    )
    db.session.commit()
    return call


@pytest.fixture
def elif_(app: Flask) -> Contact:
    return person("Elif Şahin", "0532 000 00 01", notes="Likes tea.")


def test_the_page_names_what_goes_and_wants_the_name(
    admin_browser: Browser, admin: Agent, elif_: Contact
) -> None:
    rings(admin, "05320000001")
    path = f"/contacts/{elif_.id}/erase"
    page = admin_browser.get(path).text
    for text in ("Elif Şahin", "0532 000 00 01", "of 1 call", "Recordings are kept by"):
        assert text in page
    wrong = admin_browser.htmx_post(path, {"name": "Elif"})
    assert (wrong.status_code, "Nothing was erased" in wrong.text) == (422, True)
    assert db.session.get(Contact, elif_.id) is not None


def test_an_erased_contact_is_nowhere_and_its_call_says_so(
    admin_browser: Browser, admin: Agent, elif_: Contact
) -> None:
    call, contact_id = rings(admin, "05320000001"), elif_.id
    answer = admin_browser.htmx_post(f"/contacts/{contact_id}/erase", {"name": " elif  sahin "})
    assert answer.status_code == 200
    assert answer.headers["HX-Push-Url"] == "/contacts"
    assert "The contact is erased" in answer.text
    asked_for = db.session.scalars(select(Work.kind)).all()
    assert VACUUM in asked_for  # the worker takes what is left out of the database's files
    db.session.expire_all()
    assert admin_browser.get(f"/contacts/{contact_id}").status_code == 404
    assert admin_browser.get(f"/contacts/{contact_id}/erase").status_code == 404
    page = admin_browser.get(f"/calls/{call.id}").text
    assert "Erased" in page
    for path in ("/calls", "/contacts", "/contacts?q=elif", f"/calls/{call.id}", "/missed"):
        page = admin_browser.get(path).text
        assert "Elif" not in page.replace('value="elif"', "")
        assert "5320000001" not in page.replace(" ", "")


def test_a_deleted_contact_can_be_erased_from_where_it_was(
    admin_browser: Browser, elif_: Contact
) -> None:
    page = f"/contacts/{elif_.id}"
    admin_browser.post(f"{page}/delete")
    assert f"{page}/erase" in admin_browser.get(page).text
    assert admin_browser.post(f"{page}/erase", {"name": "Elif Şahin"}).status_code == 303
    assert "Restore" not in admin_browser.get(page).text


def test_agents_cannot_erase(browser: Browser, elif_: Contact) -> None:
    path = f"/contacts/{elif_.id}/erase"
    assert path not in browser.get(f"/contacts/{elif_.id}").text
    assert browser.get(path).status_code == 403
    assert browser.post(path, {"name": "Elif Şahin"}).status_code == 403


def test_both_are_shown_side_by_side_before_they_are_merged(
    browser: Browser, elif_: Contact
) -> None:
    other = person("E. Sahin", "0212 000 00 10", company="Kuzey", notes="Owes us a form.")
    path = f"/contacts/{elif_.id}/merge"
    assert path in browser.get(f"/contacts/{elif_.id}").text
    assert "Nobody has the same name" in browser.get(path).text
    assert f"{path}?with={other.id}" in browser.htmx_get(f"{path}/rows?q=e.+sahin").text
    page = browser.get(f"{path}?with={other.id}").text
    for text in ("This contact stays", "(0212)", "Kuzey", "Owes us a form.", "Likes tea."):
        assert text in page
    form = {"with": other.id, "versions": "1,1"}
    answer = browser.htmx_post(path, form)
    assert answer.status_code == 200
    assert "E. Sahin is part of this contact now." in answer.text
    for text in ("(0212)", "0532 000 00 01", "Kuzey", "Likes tea."):
        assert text in answer.text


def test_an_open_page_of_the_old_contact_leads_to_the_new_one(
    browser: Browser, elif_: Contact
) -> None:
    other = person("E. Sahin")
    browser.post(f"/contacts/{elif_.id}/merge", {"with": other.id, "versions": "1,1"})
    moved = browser.get(f"/contacts/{other.id}")
    assert (moved.status_code, moved.headers["Location"]) == (303, f"/contacts/{elif_.id}")
    fragment = browser.htmx_get(f"/contacts/{other.id}")
    assert fragment.headers["HX-Push-Url"] == f"/contacts/{elif_.id}"
    assert "Elif Şahin" in fragment.text
    late = browser.htmx_post(f"/contacts/{other.id}", {"name": "E. Sahin-Kaya", "version": "1"})
    assert late.status_code == 409
    assert 'value="E. Sahin-Kaya"' in late.text
    late = browser.htmx_post(f"/contacts/{other.id}/numbers", {"number": "0532 000 00 09"})
    assert "nothing you sent was saved" in late.text


def test_two_that_were_changed_meanwhile_are_shown_again(browser: Browser, elif_: Contact) -> None:
    other = person("E. Sahin")
    answer = browser.htmx_post(f"/contacts/{elif_.id}/merge", {"with": other.id, "versions": "1,0"})
    assert (answer.status_code, "nothing was merged" in answer.text) == (409, True)
    path = f"/contacts/{elif_.id}/merge"
    for form in ({"with": elif_.id, "versions": "1,1"}, {"with": 999}, {"with": "x"}, {}):
        assert browser.post(path, form).status_code == 404
