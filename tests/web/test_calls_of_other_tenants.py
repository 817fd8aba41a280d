"""Contacts are shared, calls are not: what an agent reads about calls is of the agent's tenant."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask

from crm import contacts
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.models import Agent
from tests.web.browser import Browser
from tests.web.conftest import logged_in

NUMBER = "+905320000001"
SECRET = "owes us 4000 and knows it"

Pages = dict[str, Callable[[Browser], str]]


@pytest.fixture
def theirs(app: Flask, jonas: Agent) -> Browser:
    """Jonas of the other tenant."""
    return logged_in(app, jonas)


def talk(browser: Browser, number: str, key: str, note: str) -> None:
    """A call rings, is talked and written about, and is done."""
    panel = f"/call-panel/{uuid4()}"
    for kind in ("IncomingCall", "Talking", "Hangup"):
        told = {"type": kind, "number": number, "activecallkey": key}
        assert browser.htmx_post(f"{panel}/messages", told).status_code == 200
    assert browser.htmx_post(f"{panel}/done", {"note": note, "outcome": ""}).status_code == 200


def person(name: str, *numbers: str) -> int:
    data = ContactData(name=name, numbers=tuple(Number(number) for number in numbers))
    contact = contacts.create(data, region="TR")
    db.session.commit()
    return contact.id


def ring(browser: Browser) -> str:
    return browser.htmx_get(f"/screen-pop?call={uuid4()}&number={NUMBER}").text


def card(browser: Browser) -> str:
    told = {"type": "IncomingCall", "number": NUMBER, "activecallkey": str(uuid4())}
    return browser.htmx_post(f"/call-panel/{uuid4()}/messages", told).text


def pages(elif_id: int, other_id: int) -> Pages:
    """Every place that says something about a contact's calls."""
    return {
        "the pop": ring,
        "the card": card,
        "the list": lambda browser: browser.get("/contacts").text,
        "the search": lambda browser: browser.htmx_get("/contacts/rows?q=elif").text,
        "the contact": lambda browser: browser.get(f"/contacts/{elif_id}").text,
        "its timeline": lambda browser: browser.get(f"/contacts/{elif_id}/calls").text,
        "merging": lambda browser: browser.get(f"/contacts/{other_id}/merge?with={elif_id}").text,
    }


@pytest.mark.both_databases
def test_no_page_tells_of_another_tenants_call(
    browser: Browser, theirs: Browser, admin_browser: Browser
) -> None:
    """The note was written before the contact was made, so the contact claims the call."""
    talk(theirs, NUMBER, "a key", SECRET)
    made = browser.post("/contacts", {"name": "Elif Şahin", "numbers-0-raw": NUMBER})
    elif_id, other_id = int(made.location.rsplit("/", 1)[1]), person("Can Öz")
    for name, page in pages(elif_id, other_id).items():
        told = page(browser)
        assert "Elif" in told, name
        for word in (SECRET, "1 call", "last:", "just now", 'id="recent-title"', "<dd>1</dd>"):
            assert word not in told, (name, word)
    for who in (theirs, admin_browser):
        assert f"1 call, last: {SECRET}" in ring(who)
        assert 'id="recent-title"' in who.get("/contacts").text
        assert "<dd>1</dd>" in pages(elif_id, other_id)["merging"](who)


def test_each_sees_the_own_last_call_and_an_admin_the_last_of_all(
    browser: Browser, theirs: Browser, admin_browser: Browser
) -> None:
    person("Elif Şahin", NUMBER)
    talk(browser, NUMBER, "ours", "wants tea")
    talk(theirs, NUMBER, "theirs 1", "wants coffee")
    talk(theirs, NUMBER, "theirs 2", "wants water")
    assert "1 call, last: wants tea" in ring(browser)
    assert "2 calls, last: wants water" in ring(theirs)
    assert "3 calls, last: wants water" in ring(admin_browser)


def test_of_a_shared_number_each_is_told_how_the_own_calls_went(
    browser: Browser, theirs: Browser
) -> None:
    person("Elif Şahin", NUMBER, "+905320000002")
    person("Can Öz", NUMBER)
    talk(theirs, "+905320000002", "theirs", SECRET)
    assert SECRET in ring(theirs)
    assert "Elif" in ring(browser)
    assert SECRET not in ring(browser)


def test_a_merge_keeps_each_tenants_calls_apart(browser: Browser, theirs: Browser) -> None:
    keep, other = person("Elif Şahin", NUMBER), person("E. Sahin", "+905320000002")
    talk(browser, NUMBER, "ours", "wants tea")
    talk(theirs, "+905320000002", "theirs", SECRET)
    answer = browser.post(f"/contacts/{keep}/merge", {"with": str(other), "versions": "1,1"})
    assert answer.status_code == 303
    assert "1 call, last: wants tea" in ring(browser)
    assert f"1 call, last: {SECRET}" in ring(theirs)
