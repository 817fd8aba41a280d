"""The list of contacts: searched while typing and without a script, and who was spoken with."""

import re

import pytest
from sqlalchemy import select

from crm import contacts
from crm.contacts import ContactData
from crm.extensions import db
from crm.models import Agent, Contact, Tenant
from tests.web.browser import Browser
from tests.web.contacts.forms import a_call_with


def test_the_list_shows_everybody_and_is_empty_with_a_word(browser: Browser, elif_id: int) -> None:
    page = browser.get("/contacts").text
    assert "<html" in page
    assert "Elif Şahin" in page
    assert "Kuzey Lojistik" in page
    assert "0532 000 00 01" in page
    for contact in db.session.scalars(select(Contact)).all():
        contacts.delete(contact.id)
    assert "No contacts yet" in browser.get("/contacts").text


def test_typing_brings_rows_alone_and_keeps_the_address(browser: Browser, elif_id: int) -> None:
    answer = browser.htmx_get("/contacts/rows?q=elıf")
    assert 'id="contact-results"' in answer.text
    assert "Elif Şahin" in answer.text
    assert "Noah" not in answer.text
    assert "<main" not in answer.text
    assert answer.headers["HX-Replace-Url"] == "/contacts?q=el%C4%B1f"


def test_enter_searches_without_javascript(browser: Browser, elif_id: int) -> None:
    page = browser.get("/contacts?q=0532+000").text
    assert "Elif Şahin" in page
    assert "Noah" not in page
    assert 'value="0532 000"' in page


def test_what_nobody_fits_is_said_with_what_was_typed_escaped(browser: Browser) -> None:
    page = browser.get("/contacts?q=<b>zzz").text
    assert "No contact matches" in page
    assert "<b>zzz" not in page


def test_a_long_list_says_what_is_known_of_its_number_and_goes_on(browser: Browser) -> None:
    for number in range(60):
        contacts.create(ContactData(name=f"Page Person{number:02}"), region="TR")
    page = browser.get("/contacts?q=page").text
    assert "more than 50<" in page
    assert page.count("data-row") == 16
    found = re.search(r'hx-get="(/contacts/rows[^"]*after=[^"]*)"', page)
    assert found
    rest = browser.htmx_get(found[1].replace("&amp;", "&")).text
    assert rest.count("data-row") == 44
    assert 'class="more"' not in rest
    assert re.search(r'id="found-count"[^>]* hx-swap-oob="true">60<', rest)
    assert "No contact matches “***”" in browser.get("/contacts?q=***").text


def test_who_was_talked_with_stands_above(
    browser: Browser, elif_id: int, agent: Agent, tenant: Tenant
) -> None:
    """Who called and was not answered, or did not answer, was not spoken with."""
    for answered in (None, False):
        a_call_with(elif_id, agent, tenant, answered=answered)
        page = browser.get("/contacts").text
        assert 'id="recent-title"' not in page
        assert "Missed" in page  # beside the name in the list
    a_call_with(elif_id, agent, tenant, answered=True)
    a_call_with(elif_id, agent, tenant, answered=False)
    page = browser.get("/contacts").text
    assert page.index('id="recent-title"') < page.index("Elif Şahin")
    spoken, everybody = page.split('id="found-title"')
    assert "Answered" in spoken.split('id="recent-title"')[1]  # of the talk, not of what came later
    assert "Missed" in everybody
    assert 'id="recent-title"' not in browser.get("/contacts?q=elif").text


@pytest.mark.parametrize("path", ["/contacts", "/contacts/new", "/contacts/1", "/contacts/rows"])
def test_strangers_are_asked_to_log_in(anonymous: Browser, path: str) -> None:
    assert anonymous.get(path).status_code == 302
    assert anonymous.htmx_get(path).status_code == 401
