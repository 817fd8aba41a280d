"""Note and outcome of a call are corrected after "Done", and who changed what is kept."""

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from crm import calls
from crm.extensions import db
from crm.models import Agent, Call, CallEvent, Contact, PhoneNumber, Tenant, utc_now
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in
from tests.web.test_calls import ELIF, ends, rings


@pytest.fixture
def mehmet(app: Flask, tenant: Tenant) -> Browser:
    return logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))


@pytest.fixture
def elif_id(app: Flask) -> int:
    """Elif, whose call it is."""
    contact = Contact(name="Elif Şahin", sort_name="elif sahin")
    contact.phone_numbers = [PhoneNumber(raw=ELIF, normal_form="+905320000001")]
    db.session.add(contact)
    db.session.commit()
    return contact.id


@pytest.fixture
def call(agent: Agent) -> Call:
    """A call that Ayşe has written about, and is done with."""
    rings(agent)
    call = ends(agent)
    calls.record_wrap_up(call, agent.id, note="wants an <b>offer</b>", outcome="follow_up")
    calls.close_card(call, agent.id)
    db.session.commit()
    return call


def form_of(browser: Browser, call: Call) -> dict[str, Any]:
    """The form as a browser would send it untouched."""
    page = browser.htmx_get(f"/calls/{call.id}/notes?edit=1").text
    texts = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    inputs = dict(re.findall(r'name="(draft|outcome_shown)" value="([^"]*)"', page))
    return {
        "note": [html.unescape(text) for text in texts],
        "shown": re.findall(r'name="shown" value="([^"]*)"', page),
        "outcome": inputs["outcome_shown"],
        **inputs,
    }


def as_told(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.both_databases
def test_a_colleague_corrects_note_and_outcome_and_the_page_tells_what_stood_there(
    mehmet: Browser, call: Call
) -> None:
    form = form_of(mehmet, call)
    form["note"][0] = "wants two offers"
    answer = mehmet.htmx_post(f"/calls/{call.id}/notes", form | {"outcome": "sale"})
    assert answer.headers["HX-Trigger"] == "calls-changed"
    page = as_told(mehmet.get(f"/calls/{call.id}").text)
    for told in (
        "wants two offers Mehmet Kaya, ",
        "Sale",
        "Corrected 2 times",
        "Mehmet Kaya changed what Ayşe Demir had written",
        "Before: wants an <b>offer</b>",
        "Mehmet Kaya changed the outcome",
        "Before: Follow-up",
    ):
        assert told in page
    db.session.refresh(call)
    assert (call.note, call.outcome) == ("wants two offers", "sale")
    assert calls.card_of(call, call.agent_id or 0).open is False  # type: ignore[union-attr]


@pytest.mark.both_databases
def test_a_form_that_was_not_touched_changes_nothing(mehmet: Browser, call: Call) -> None:
    def written() -> int:
        kinds = select(CallEvent.id).where(CallEvent.kind.in_(("note", "outcome")))
        return len(db.session.scalars(kinds).all())

    before = written()
    form = form_of(mehmet, call)
    calls.record_wrap_up(call, call.agent_id or 0, note="wants nothing", outcome="other")
    mehmet.htmx_post(f"/calls/{call.id}/notes", form)  # sent after somebody else has written
    db.session.refresh(call)
    assert (call.note, call.outcome, written()) == ("wants nothing", "other", before + 2)


def test_that_a_note_was_corrected_stays_told_in_the_contacts_timeline(
    browser: Browser, agent: Agent, elif_id: int, call: Call
) -> None:
    """The list fetches itself again when calls have changed, and a line while facts are coming."""
    form = form_of(browser, call)
    form["note"][0] = "wants two offers"
    browser.htmx_post(f"/calls/{call.id}/notes", form)
    for number in range(3):
        rings(agent, key=f"later-{number}")
    ends(agent, key="later-0")
    for address in (f"/contacts/{elif_id}/calls", f"/calls/{call.id}/event"):
        page = as_told(browser.htmx_get(address).text)
        assert page.count("Corrected ") == 1, address
        assert "Before: wants an <b>offer</b>" in page, address


def test_a_longer_timeline_asks_the_database_no_more_often_about_corrections(
    browser: Browser, agent: Agent, elif_id: int, call: Call
) -> None:
    def asked() -> int:
        statements: list[str] = []

        def watch(*args: Any) -> None:
            statements.append(args[2])

        event.listen(db.engine, "before_cursor_execute", watch)
        browser.htmx_get(f"/contacts/{elif_id}/calls")
        event.remove(db.engine, "before_cursor_execute", watch)
        return sum("FROM call_event" in statement for statement in statements)

    for number in range(5):
        rings(agent, key=f"later-{number}")
    assert asked() == 1


def test_of_two_who_correct_the_same_note_neither_loses_it(
    browser: Browser, mehmet: Browser, call: Call
) -> None:
    forms = [form_of(one, call) for one in (browser, mehmet)]
    for one, form, text in zip((browser, mehmet), forms, ("offer sent", "no offer"), strict=True):
        form["note"][0] = text
        one.htmx_post(f"/calls/{call.id}/notes", form)
    db.session.refresh(call)
    assert sorted(call.note.split("\n")) == ["no offer", "offer sent"]


def test_another_note_is_added_once_however_often_it_arrives(mehmet: Browser, call: Call) -> None:
    form = form_of(mehmet, call)
    form["note"][-1] = "He called\r\nagain."
    for _ in range(2):
        mehmet.htmx_post(f"/calls/{call.id}/notes", form)
    db.session.refresh(call)
    assert call.note == "wants an <b>offer</b>\nHe called\nagain."


def test_a_note_and_an_outcome_can_be_taken_back(browser: Browser, call: Call) -> None:
    form = form_of(browser, call)
    form["note"][0] = ""
    browser.htmx_post(f"/calls/{call.id}/notes", form | {"outcome": ""})
    db.session.refresh(call)
    assert (call.note, call.outcome) == ("", "")
    page = as_told(browser.get(f"/calls/{call.id}").text)
    assert "Ayşe Demir deleted the note" in page
    assert "Ayşe Demir took back the outcome" in page
    assert "Write a note" in page


def test_only_who_may_see_a_call_corrects_it(
    app: Flask, admin_browser: Browser, jonas: Agent, call: Call
) -> None:
    form = form_of(admin_browser, call) | {"outcome": "other"}
    stranger = logged_in(app, jonas)
    assert stranger.htmx_get(f"/calls/{call.id}/notes?edit=1").status_code == 404
    assert stranger.htmx_post(f"/calls/{call.id}/notes", form).status_code == 404
    assert admin_browser.htmx_post(f"/calls/{call.id}/notes", form).status_code == 200
    db.session.refresh(call)
    assert call.outcome == "other"


def test_nothing_is_written_about_an_erased_person(browser: Browser, call: Call) -> None:
    form = form_of(browser, call)
    call.erased_at = utc_now()
    assert "<textarea" not in browser.htmx_get(f"/calls/{call.id}/notes?edit=1").text
    assert browser.htmx_post(f"/calls/{call.id}/notes", form).status_code == 404
    assert "Write a note" not in browser.get(f"/calls/{call.id}").text


def test_without_scripts_the_form_is_a_page_of_its_own(browser: Browser, call: Call) -> None:
    page = browser.get(f"/calls/{call.id}/notes?edit=1")
    assert "Correct note and outcome" in page.text
    assert browser.get(f"/calls/{call.id}/notes").headers["Location"] == f"/calls/{call.id}"
    form = form_of(browser, call) | {"outcome": "sale"}
    answer = browser.post(f"/calls/{call.id}/notes", form)
    assert answer.headers["Location"] == f"/calls/{call.id}"
