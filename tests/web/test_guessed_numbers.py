"""A withheld number stays unknown to an agent who guesses it: right and wrong look alike."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from crm import calls
from crm.callcenterstudio.results import ActiveCall
from crm.extensions import db
from crm.models import Agent, Call, CallState, Direction, Tenant, utc_now
from tests.unit.calls_world import cdr
from tests.web.browser import Browser
from tests.web.conftest import logged_in
from tests.world import Simulator

RIGHT, WRONG = "+905320000001", "+905320000002"
MASKED = "90532xxxxxxx"
KEY = "k" * 80

Guess = Callable[[Browser, str], object]


def masked_call(agent: Agent, *, ended: bool = True) -> Call:
    """A call whose number the company hides, which the vendor has told the CRM."""
    at = utc_now() - timedelta(seconds=30)
    said = [("IncomingCall", {"number": MASKED})] + [("Hangup", {})] * ended
    for seconds, (kind, more) in enumerate(said):
        calls.record_message(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            browser_call_id="5d7c0d3e-26a3-4a9c-9b1c-3d7d6a3c6c11",
            kind=kind,
            activecallkey=KEY,
            occurred_at=at + timedelta(seconds=10 * seconds),
            **more,
        )
        active = ActiveCall.parse({"key": KEY, "callerid": RIGHT, "inbound": True})
        if kind == "IncomingCall":
            calls.record_active_call(
                tenant_id=agent.tenant_id, agent_id=agent.id, active=active, at=at
            )
    db.session.commit()
    return db.session.scalars(select(Call)).one()


def new_contact(browser: Browser, number: str) -> int:
    answer = browser.post("/contacts", {"name": "A Guess", "numbers-0-raw": number})
    return int(answer.location.rsplit("/", 1)[1])


def edited(browser: Browser, number: str) -> None:
    contact_id = new_contact(browser, "+905420000099")
    form = {"name": "A Guess", "version": "1", "numbers-0-raw": number}
    assert browser.post(f"/contacts/{contact_id}", form).status_code == 303


def number_added(browser: Browser, number: str) -> None:
    contact_id = new_contact(browser, "+905420000099")
    answer = browser.post(f"/contacts/{contact_id}/numbers", {"number": number})
    assert answer.status_code == 303


def merged(browser: Browser, number: str) -> None:
    keep, other = new_contact(browser, "+905420000099"), new_contact(browser, number)
    form = {"with": str(other), "versions": "1,1"}
    assert browser.post(f"/contacts/{keep}/merge", form).status_code == 303
    assert "is part of this contact now" in browser.get("/contacts").text


def restored(browser: Browser, number: str) -> None:
    contact_id = new_contact(browser, number)
    browser.post(f"/contacts/{contact_id}/delete")
    assert browser.post(f"/contacts/{contact_id}/restore").status_code == 303


GUESSES: list[Guess] = [new_contact, edited, number_added, merged, restored]


@pytest.mark.both_databases
@pytest.mark.parametrize("guess", GUESSES)
def test_whatever_contact_gets_the_number_claims_no_withheld_call(
    browser: Browser, agent: Agent, tenant: Tenant, guess: Guess
) -> None:
    """Also not when the call is folded again: by a note, by its record, in whatever order."""
    call = masked_call(agent)
    guess(browser, RIGHT)
    browser.htmx_post(f"/call-panel/{card_id()}/notes", {"note": "Who is it?", "outcome": ""})
    recording = f"https://demo.callcenterstudio.com/recordings/{KEY}"
    calls.record_cdr(tenant, cdr(callerid=RIGHT, answered=False, recordingurl=recording))
    db.session.commit()
    db.session.refresh(call)
    assert (call.caller_kind, call.normal_form) == ("masked", RIGHT)
    assert (call.contact_id, call.contact_name) == (None, "")
    card = browser.htmx_get(f"/call-panel/{card_id()}").text
    for page in (card, browser.get("/missed").text, browser.get("/calls").text):
        assert "Number withheld" in page
        assert "A Guess" not in page


def test_who_had_the_number_before_the_call_is_found_all_the_same(
    browser: Browser, agent: Agent
) -> None:
    contact_id = new_contact(browser, RIGHT)
    calls_at = utc_now() + timedelta(seconds=60)
    calls.record_message(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        browser_call_id=str(uuid4()),
        kind="IncomingCall",
        number=MASKED,
        activecallkey=KEY,
        occurred_at=calls_at,
    )
    active = ActiveCall.parse({"key": KEY, "callerid": RIGHT, "inbound": True})
    calls.record_active_call(tenant_id=agent.tenant_id, agent_id=agent.id, active=active)
    db.session.commit()
    assert db.session.scalars(select(Call.contact_id)).one() == contact_id


@pytest.mark.parametrize("number", [RIGHT, WRONG])
def test_a_dial_of_a_guess_says_nothing_about_the_caller_who_is_up(
    app: Flask, agent: Agent, simulator: Simulator, number: str
) -> None:
    masked_call(agent, ended=False)
    answer = logged_in(app, agent).htmx_post("/dial", {"number": number, "call": str(uuid4())})
    assert answer.status_code == 200
    assert "You are on a call with this number" not in answer.text


@pytest.mark.parametrize("number", [RIGHT, WRONG])
def test_a_guess_calls_no_withheld_call_back(
    app: Flask, agent: Agent, simulator: Simulator, number: str
) -> None:
    """Neither while it rings nor afterwards, nor with the missed call's own id in the form."""
    call = masked_call(agent)
    browser = logged_in(app, agent)
    form = {"number": number, "callback_of": str(call.id), "call": str(uuid4())}
    assert browser.htmx_post("/dial", form).status_code == 200
    assert db.session.scalars(select(Call.callback_of_id)).all() == [None, None]
    for word in ("You are calling back", "Called back"):
        assert word not in browser.get("/missed").text


@pytest.mark.both_databases
@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("number", [RIGHT, WRONG])
def test_a_call_to_a_guess_takes_nobody_off_the_missed_calls(
    browser: Browser, agent: Agent, number: str, answered: bool
) -> None:
    masked_call(agent)
    call_to(agent, number, answered=answered)
    page = browser.get("/missed").text
    assert page.count('class="missed-row"') == 1
    assert "Called back" not in page


def test_a_talk_with_the_contact_whose_withheld_call_was_missed_clears_it(
    browser: Browser, agent: Agent
) -> None:
    """Whose call it is the agent sees already."""
    call = masked_call(agent)
    contact_id = new_contact(browser, WRONG)
    calls.record_wrap_up(call, agent.id, contact_id=contact_id)
    call_to(agent, WRONG, answered=True, contact_id=contact_id)
    assert 'class="missed-row"' not in browser.get("/missed").text


@pytest.mark.parametrize("number", [RIGHT, WRONG])
def test_a_guess_in_a_note_or_a_message_is_shown_as_every_other(
    browser: Browser, agent: Agent, number: str
) -> None:
    call = masked_call(agent)
    calls.record_wrap_up(call, agent.id, note=f"Is it {number}, who called?")
    told = {"type": "Accept", "number": f"a {number} b", "activecallkey": KEY}
    assert browser.htmx_post(f"/call-panel/{card_id()}/messages", told).status_code == 200
    events = browser.get(f"/calls/{call.id}").text
    assert events.count(f"Is it {number}, who called?") > 1
    assert f"a {number} b" not in events


def card_id() -> str:
    return "5d7c0d3e-26a3-4a9c-9b1c-3d7d6a3c6c11"


def call_to(agent: Agent, number: str, *, answered: bool, contact_id: int | None = None) -> None:
    db.session.add(
        Call(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            contact_id=contact_id,
            direction=Direction.OUTBOUND,
            state=CallState.ENDED,
            answered=answered,
            number=number,
            normal_form=number,
        )
    )
    db.session.commit()


def test_a_post_that_names_the_caller_as_our_own_number_shows_it_nowhere(
    browser: Browser, agent: Agent
) -> None:
    call = masked_call(agent)
    tenant = call.tenant
    form = {"call_id": KEY, "caller_id": "05320000001", "disposition": "NOANSWER"}
    calls.record_hangup(tenant, form, received_at=utc_now())
    db.session.commit()
    for address in (f"/calls/{call.id}", "/calls", "/calls/export.csv"):
        assert "5320000001" not in browser.get(address).text
