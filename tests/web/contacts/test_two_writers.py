"""Two save the same contact, or one deletes or merges it: nothing that was typed is lost."""

from flask import Flask

from crm import contacts
from crm.contacts import ContactData
from crm.extensions import db
from crm.models import Agent, Contact, Tenant
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in
from tests.web.contacts.forms import a_call_with, form, typed_in, version


def test_the_second_of_two_who_save_is_told_both_versions(
    app: Flask, browser: Browser, tenant: Tenant, elif_id: int
) -> None:
    other = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    mine = version(browser.get(f"/contacts/{elif_id}/edit"))
    theirs = version(other.get(f"/contacts/{elif_id}/edit"))
    other.post(f"/contacts/{elif_id}", form(company="Theirs", version=theirs))
    answer = browser.htmx_post(f"/contacts/{elif_id}", form(company="Mine", version=mine))
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text
    assert "Theirs" in answer.text
    assert db.session.get_one(Contact, elif_id).company == "Theirs"
    again = form(company="Mine", version=version(answer))
    assert browser.htmx_post(f"/contacts/{elif_id}", again).status_code == 200
    assert db.session.get_one(Contact, elif_id).company == "Mine"


def test_what_the_second_has_not_touched_is_as_the_first_saved_it(
    app: Flask, browser: Browser, tenant: Tenant, elif_id: int
) -> None:
    other = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    own = dict.fromkeys(("csrf_token", "version", "shown"))
    for mine, theirs in (
        ({"company": "Mine"}, {"email": "theirs@atlas.example"}),
        ({"company": "My own"}, {"notes": "Theirs,\r\nin two lines"}),
        ({"email": "mine@atlas.example"}, {"name": "Theirs", "notes": "Theirs"}),
        (
            {"notes": "Mine\r\n& two"},
            {"numbers-0-label": "home", "numbers-1-raw": "0533 000 00 02"},
        ),
        ({"name": "Mine"}, {"numbers-2-raw": "0533 000 00 03", "numbers-2-label": "work"}),
        ({"numbers-0-label": "other"}, {"company": "Theirs"}),
        ({"company": "Mine again"}, {"company": "Theirs again", "email": "they@atlas.example"}),
    ):
        shown = typed_in(browser.get(f"/contacts/{elif_id}/edit"))
        saved = typed_in(other.get(f"/contacts/{elif_id}/edit")) | theirs
        assert other.post(f"/contacts/{elif_id}", saved).status_code == 303
        answer = browser.htmx_post(f"/contacts/{elif_id}", shown | mine)
        assert answer.status_code == 409
        assert typed_in(answer) | own == saved | mine | own
        assert browser.htmx_post(f"/contacts/{elif_id}", typed_in(answer)).status_code == 200
        now = typed_in(browser.get(f"/contacts/{elif_id}/edit"))
        assert now | own == saved | mine | own


def test_what_is_typed_outlives_the_contact_and_brings_it_back(
    browser: Browser, elif_id: int
) -> None:
    read = version(browser.get(f"/contacts/{elif_id}/edit"))
    contacts.delete(elif_id)
    answer = browser.htmx_post(f"/contacts/{elif_id}", form(company="Mine", version=read))
    assert answer.status_code == 409
    assert "Somebody has deleted this contact while you were writing." in answer.text
    assert 'value="Mine"' in answer.text
    assert contacts.get(elif_id) is None
    again = form(company="Mine", version=version(answer), restore="1")
    assert browser.htmx_post(f"/contacts/{elif_id}", {**again, "name": ""}).status_code == 409
    assert contacts.get(elif_id) is None
    assert browser.htmx_post(f"/contacts/{elif_id}", again).status_code == 200
    back = contacts.get(elif_id)
    assert back is not None
    assert back.company == "Mine"


def test_what_is_typed_outlives_a_merge(browser: Browser, elif_id: int) -> None:
    keep = contacts.create(ContactData(name="Elif Öz", company="Theirs"), region="TR")
    read = version(browser.get(f"/contacts/{elif_id}/edit"))
    contacts.merge(keep.id, elif_id)
    answer = browser.htmx_post(f"/contacts/{elif_id}", form(company="Mine", version=read))
    assert answer.status_code == 409
    assert "Somebody has made this contact a part of Elif Öz" in answer.text
    assert 'value="Mine"' in answer.text
    assert "Theirs" in answer.text
    assert f'action="/contacts/{keep.id}"' in answer.text
    again = form(company="Mine", version=version(answer))
    assert browser.htmx_post(f"/contacts/{keep.id}", again).status_code == 200
    assert db.session.get_one(Contact, keep.id, populate_existing=True).company == "Mine"


def test_a_call_meanwhile_is_no_conflict(
    browser: Browser, elif_id: int, agent: Agent, tenant: Tenant
) -> None:
    read = version(browser.get(f"/contacts/{elif_id}/edit"))
    a_call_with(elif_id, agent, tenant, answered=True)
    answer = browser.post(f"/contacts/{elif_id}", form(version=read))
    assert answer.status_code == 303
