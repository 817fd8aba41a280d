"""The log of all calls and a contact's timeline."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from crm import calls
from crm.callcenterstudio.results import CdrRecord
from crm.extensions import db
from crm.models import Agent, Call, Contact, PhoneNumber, Tenant, utc_now
from tests.web.browser import Browser
from tests.web.conftest import logged_in

ELIF = "05320000001"
JUST_NOW = utc_now().replace(microsecond=0) - timedelta(seconds=20)


def rings(agent: Agent, key: str = "k1", number: str = ELIF, at: datetime = JUST_NOW) -> Call:
    call = calls.record_message(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        browser_call_id=f"c-{key}",
        kind="IncomingCall",
        number=number,
        activecallkey=key,
        occurred_at=at,
    )
    db.session.commit()
    return call


def ends(agent: Agent, key: str = "k1", at: datetime = JUST_NOW) -> Call:
    call = calls.record_message(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        browser_call_id=f"c-{key}",
        kind="Hangup",
        activecallkey=key,
        occurred_at=at + timedelta(seconds=9),
    )
    db.session.commit()
    return call


def record(tenant: Tenant, call: Call, **more: object) -> None:
    """The vendor's record of the call comes."""
    found = {"callkey": f"ck {call.id}", "status": "hangup", "inbound": True, "callerid": ELIF}
    asked_for = {"activecallkey": call.activecallkey or ""}
    calls.record_cdr(tenant, CdrRecord.parse(found | more), asked_for=asked_for)
    db.session.commit()


@pytest.fixture
def elif_(app: Flask) -> Contact:
    contact = Contact(name="Elif Şahin", sort_name="elif sahin")
    known = JUST_NOW - timedelta(hours=1)
    number = PhoneNumber(raw=ELIF, normal_form="+905320000001", created_at=known)
    contact.phone_numbers = [number]
    db.session.add(contact)
    db.session.commit()
    return contact


def test_an_empty_log_says_what_to_do(browser: Browser) -> None:
    assert "No calls yet" in browser.get("/calls").text


def test_the_log_links_the_contact_and_tells_how_the_call_went(
    browser: Browser, agent: Agent, elif_: Contact
) -> None:
    at = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
    rings(agent, at=at)
    ends(agent, at=at)
    page = browser.get("/calls").text
    assert "Elif Şahin" in page
    assert f'href="/contacts/{elif_.id}"' in page
    assert "12:30" in page  # in Istanbul
    assert "Missed" in page


def test_a_number_without_a_contact_can_be_dialled(browser: Browser, agent: Agent) -> None:
    rings(agent)
    assert 'value="+905320000001"' in browser.get("/calls").text


def test_a_withheld_number_is_shown_nowhere(
    browser: Browser, agent: Agent, tenant: Tenant, elif_: Contact
) -> None:
    call = rings(agent, number="90532xxxxxxx")
    assert "Number withheld" in browser.get("/calls").text
    record(tenant, call)
    for path in ("/calls", f"/contacts/{elif_.id}/calls"):
        page = browser.get(path).text
        assert "5320000001" not in page.replace(" ", "")
    assert "Elif Şahin" in browser.get("/calls").text


def test_agents_see_their_tenants_calls_and_admins_all(
    app: Flask, browser: Browser, admin_browser: Browser, elif_: Contact, jonas: Agent
) -> None:
    call = rings(jonas, number="+905320000001")
    timeline = f"/contacts/{elif_.id}/calls"
    assert call.contact_id == elif_.id
    for path, mark in (("/calls", f'call-row-{call.id}"'), (timeline, f'call-event-{call.id}"')):
        assert mark not in browser.htmx_get(path).text
        assert mark in admin_browser.htmx_get(path).text
        assert mark in logged_in(app, jonas).htmx_get(path).text
    assert browser.htmx_get(f"/calls/{call.id}/row").status_code == 404


def test_the_log_goes_on_where_the_page_ends(browser: Browser, agent: Agent) -> None:
    for number in range(53):
        rings(agent, key=f"k{number}", at=JUST_NOW + timedelta(seconds=number))
    first = browser.htmx_get("/calls").text
    assert first.count("call-row-") == 50
    address = first.split('class="more" hx-get="')[1].split('"')[0].replace("&amp;", "&")
    rest = browser.htmx_get(address).text
    assert rest.count("call-row-") == 3
    assert "<main" not in rest


@pytest.mark.parametrize("before", ["", "nonsense", "2026-01-01,x", "0001-01-01T00:00+23:00,1"])
def test_a_broken_address_shows_the_newest_calls(browser: Browser, before: str) -> None:
    assert browser.get("/calls", query_string={"before": before}).status_code == 200


def test_the_timeline_opens_with_the_facts_and_where_they_come_from(
    browser: Browser, agent: Agent, tenant: Tenant, elif_: Contact
) -> None:
    rings(agent)
    call = ends(agent)
    calls.record_wrap_up(call, agent.id, note="wants the <b>invoice</b>", outcome="follow_up")
    record(tenant, call, duration=65, answered=True, queue="Support", agentid=agent.studio_email)
    page = browser.htmx_get(f"/contacts/{elif_.id}/calls").text
    for text in ("wants the &lt;b&gt;invoice", "Follow-up", "1:05", "Support", "Ayşe Demir"):
        assert text in page
    assert "From Call Center Studio&#39;s record: " in page
    assert page.lstrip().startswith('<div class="timeline" id="timeline"')


def test_a_call_without_its_record_asks_again_until_it_is_there(
    browser: Browser, agent: Agent, tenant: Tenant, elif_: Contact
) -> None:
    rings(agent, at=utc_now())
    call = ends(agent, at=utc_now())
    again = f'hx-get="/calls/{call.id}/event" hx-trigger="every 3s"'
    assert again in browser.htmx_get(f"/contacts/{elif_.id}/calls").text
    record(tenant, call)
    assert again not in browser.htmx_get(f"/calls/{call.id}/event").text


def test_after_two_minutes_it_stops_asking(browser: Browser, agent: Agent) -> None:
    long_ago = JUST_NOW - timedelta(minutes=5)
    rings(agent, at=long_ago)
    call = ends(agent, at=long_ago)
    assert "every 3s" not in browser.htmx_get(f"/calls/{call.id}/row").text


def test_a_deleted_contact_has_no_timeline_and_its_calls_keep_the_name(
    browser: Browser, agent: Agent, elif_: Contact
) -> None:
    rings(agent)
    elif_.deleted_at = utc_now()
    assert browser.htmx_get(f"/contacts/{elif_.id}/calls").status_code == 404
    page = browser.get("/calls").text
    assert "Elif Şahin" in page
    assert f'href="/contacts/{elif_.id}"' not in page
