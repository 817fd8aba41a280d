"""Contacts to work through: recently spoken with, mine, with a follow-up due."""

import csv
import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask

from crm import calls, contacts
from crm.extensions import db
from crm.models import Agent, Tenant, utc_now
from crm.pages.contacts import working_lists
from tests.unit.calls_world import make_contact
from tests.web.browser import Browser
from tests.web.conftest import add_agent
from tests.web.test_follow_ups import TODAY, add

LISTS = ("recent", "mine", "due")


def talk(agent: Agent, number: str, hours_ago: int, *, answered: bool = True) -> None:
    begun, cid, key = utc_now() - timedelta(hours=hours_ago), str(uuid4()), str(uuid4())
    for kind in ("IncomingCall", "Talking", "Hangup") if answered else ("IncomingCall", "Hangup"):
        calls.record_message(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            browser_call_id=cid,
            kind=kind,
            number=number,
            activecallkey=key,
            occurred_at=begun,
        )
    db.session.commit()


def names(page: str) -> list[str]:
    return re.findall(r'class="row-name"[^>]*>([^<]+)<', page)


@pytest.fixture
def world(app: Flask, tenant: Tenant, agent: Agent, jonas: Agent) -> None:
    """Ayşe has talked with Ali and Can, Mehmet with Efe and Can; nobody reached Filiz."""
    mehmet = add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya")
    people = ("Ali", "Can", "Efe", "Filiz", "Gül")
    for place, name in enumerate(people):
        make_contact(name, f"+90532000000{place}")
    contacts.rebuild_search()
    talk(agent, "+905320000000", 9)
    talk(agent, "+905320000001", 5)
    talk(agent, "+905320000000", 3)
    talk(mehmet, "+905320000002", 2)
    talk(mehmet, "+905320000001", 1)
    talk(agent, "+905320000003", 1, answered=False)
    talk(jonas, "+905320000004", 1)


@pytest.mark.usefixtures("world")
def test_each_list_has_whom_it_says(browser: Browser, admin_browser: Browser) -> None:
    assert names(browser.get("/contacts?show=recent").text) == ["Can", "Efe", "Ali"]
    assert names(browser.get("/contacts?show=mine").text) == ["Ali", "Can"]
    assert set(names(admin_browser.get("/contacts?show=recent").text)[:2]) == {"Can", "Gül"}
    assert "Nobody is due" in browser.get("/contacts?show=due").text
    for contact_id, days in ((1, 0), (2, 1), (3, 0)):
        add(browser, contact_id, on=(TODAY + timedelta(days=days)).isoformat())
    assert names(browser.get("/contacts?show=due").text) == ["Ali", "Efe"]


@pytest.mark.usefixtures("world")
@pytest.mark.both_databases
def test_a_search_looks_within_the_list_and_leads_to_all(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser.get("/contacts?show=mine&q=can").text
    assert names(page) == ["Can"]
    assert "Found in “Mine”" in page
    assert names(browser.get("/contacts?show=mine&q=0532+000+00+00").text) == ["Ali"]
    page = browser.get("/contacts?show=mine&q=efe").text
    assert names(page) == []
    assert "Nobody in “Mine” matches “efe”" in page
    assert 'href="/contacts?q=efe"' in page
    assert "All contacts" in browser.get("/contacts?show=nonsense").text
    monkeypatch.setattr(working_lists, "CHUNK", 1)
    monkeypatch.setattr(working_lists, "LOOKED_THROUGH", 2)
    page = browser.get("/contacts?show=recent&q=ali").text
    assert (names(page), "Nobody" in page) == ([], False)
    [more] = re.findall(r'hx-get="(/contacts/rows\?[^"]+)"', page.split("found-title")[-1])
    rest = browser.htmx_get(more.replace("&amp;", "&")).text
    assert names(rest) == ["Ali"]


@pytest.mark.usefixtures("world")
def test_an_export_has_the_list_that_is_shown(browser: Browser) -> None:
    def exported(query: str) -> list[str]:
        rows = csv.DictReader(
            io.StringIO(browser.get(f"/contacts/export.csv?{query}").text.lstrip("\ufeff")),
            delimiter=";",
        )
        return [row["Name"] for row in rows]

    assert exported("show=mine") == ["Ali", "Can"]
    assert exported("show=mine&q=can") == ["Can"]
    assert exported("show=recent") == ["Can", "Efe", "Ali"]
    assert exported("show=due") == []
    assert exported("q=***") == []


def test_a_list_comes_in_pages(browser: Browser, agent: Agent) -> None:
    for place in range(20):
        make_contact(f"Person {place:02}", f"+9053200001{place:02}")
        talk(agent, f"+9053200001{place:02}", 30 - place)
    for show in ("recent", "mine"):
        page = browser.get(f"/contacts?show={show}").text
        more = re.findall(r'hx-get="(/contacts/rows\?[^"]+)"', page)[-1].replace("&amp;", "&")
        rest = browser.htmx_get(more).text
        found = [*names(page), *names(rest)]
        assert found == [f"Person {place:02}" for place in reversed(range(20))]


@pytest.mark.parametrize("show", LISTS)
def test_an_empty_list_says_what_will_stand_there(browser: Browser, show: str) -> None:
    assert "stand here" in browser.get(f"/contacts?show={show}").text
