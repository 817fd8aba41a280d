"""The calls page shows what its address asks for, and says what it cannot mean."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from crm.extensions import db
from crm.models import Agent, Call, CallState, Contact, Direction, PhoneNumber, utc_now
from tests.web.browser import Browser
from tests.web.conftest import logged_in

NOON = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)  # in Istanbul


def put_call(agent: Agent, **columns: Any) -> Call:
    """A call on record, by its columns."""
    facts: dict[str, Any] = {
        "tenant_id": agent.tenant_id,
        "agent_id": agent.id,
        "state": CallState.ENDED,
        "direction": Direction.INBOUND,
        "started_at": NOON,
        "normal_form": "+447700900555",
        "answered": True,
        "sources": {},
    }
    call = Call(**(facts | columns))
    db.session.add(call)
    db.session.commit()
    return call


def put_contact(name: str = "Elif Şahin") -> Contact:
    contact = Contact(name=name, sort_name="elif sahin")
    contact.phone_numbers = [PhoneNumber(raw="1", normal_form="+905320000001")]
    db.session.add(contact)
    db.session.commit()
    return contact


def rows(page: str) -> list[int]:
    """The ids of the calls that a page shows, in its order."""
    return [int(found) for found in re.findall(r'id="call-row-(\d+)"', page)]


def test_what_the_address_asks_for_is_shown(browser: Browser, agent: Agent) -> None:
    put_call(agent)
    elif_ = put_contact()
    call = put_call(
        agent,
        direction=Direction.OUTBOUND,
        queue="Support & more",
        disposition="ANSWER",
        outcome="sale",
        contact_id=elif_.id,
    )
    asked = {
        "mine": "1",
        "direction": "outbound",
        "result": "answered",
        "queue": "Support & more",
        "agent": str(agent.id),
        "contact": str(elif_.id),
        "from": "2026-07-01",
        "to": "2026-07-01",
        "disposition": "ANSWER",
        "outcome": "sale",
    }
    for name, value in asked.items():
        page = browser.get("/calls", query_string={name: value}).text
        assert call.id in rows(page), name
        assert f'name="{name}"' in page
    page = browser.get("/calls", query_string=asked).text
    assert rows(page) == [call.id]
    said = (
        "One call · Mine · Outbound · Answered · Support &amp; more · Ayşe Demir · from 1 Jul 2026"
    )
    assert f"{said} · to 1 Jul 2026 · Answered · Sale" in page
    assert "Calls of Elif Şahin." in page
    assert '<option value="Support &amp; more" selected>' in page


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mine", "2"),
        ("direction", "sideways"),
        ("result", "<b>"),
        ("agent", "999"),
        ("agent", "x" * 5000),
        ("contact", "1e9"),
        ("contact", "99999999999999999999"),
        ("from", "yesterday"),
        ("to", "2026-02-30"),
        ("from", "0001-01-01"),
        ("to", "9999-12-31"),
        ("outcome", "nonsense"),
        ("tenant", "7"),
        ("queue", "q" * 201),
    ],
)
def test_what_means_nothing_is_left_out_and_said(
    browser: Browser, agent: Agent, name: str, value: str
) -> None:
    call = put_call(agent)
    answer = browser.get("/calls", query_string={name: value})
    assert answer.status_code == 200
    assert rows(answer.text) == [call.id]
    assert "so it was left out." in answer.text
    assert "<b>" not in answer.text
    assert browser.get("/calls/export.csv", query_string={name: value}).status_code == 200


def test_days_in_the_wrong_order_are_left_out_and_said(browser: Browser, agent: Agent) -> None:
    call = put_call(agent)
    page = browser.get("/calls?from=2026-07-02&to=2026-07-01").text
    assert rows(page) == [call.id]
    assert "The last day lies before the first" in page


def test_a_day_is_a_day_of_the_tenant(browser: Browser, agent: Agent) -> None:
    late = put_call(agent, started_at=datetime(2026, 6, 30, 20, 59, 59, tzinfo=UTC))
    first = put_call(agent, started_at=datetime(2026, 6, 30, 21, 0, tzinfo=UTC))
    assert rows(browser.get("/calls?from=2026-07-01").text) == [first.id]
    assert rows(browser.get("/calls?to=2026-06-30").text) == [late.id]


def test_today_and_yesterday_are_days_of_the_tenant(browser: Browser, agent: Agent) -> None:
    zone = ZoneInfo(agent.tenant.timezone)
    midnight = datetime.combine(utc_now().astimezone(zone).date(), time(), zone).astimezone(UTC)
    today = put_call(agent, started_at=midnight)
    yesterday = put_call(agent, started_at=midnight - timedelta(seconds=1))
    put_call(agent, started_at=midnight - timedelta(days=1, seconds=1))
    page = browser.get("/calls?day=today").text
    assert (rows(page), "One call · Today" in page) == ([today.id], True)
    assert rows(browser.get("/calls?day=yesterday").text) == [yesterday.id]
    assert rows(browser.get("/calls?day=yesterday&from=2026-01-01").text) == [yesterday.id]


def test_how_many_calls_are_found_is_said(
    browser: Browser, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        put_call(agent)
    assert "3 calls" in browser.get("/calls").text
    monkeypatch.setattr("crm.calls.filters.MOST_COUNTED", 2)
    monkeypatch.setattr("crm.calls.MOST_COUNTED", 2)
    assert "2 calls or more" in browser.get("/calls").text


def test_the_form_gets_the_list_alone_and_a_clean_address(browser: Browser, agent: Agent) -> None:
    put_call(agent, queue="Support")
    answer = browser.htmx_get("/calls/list?mine=1&direction=&queue=Support&who=&from=")
    assert answer.text.lstrip().startswith('<div id="call-list"')
    assert answer.headers["HX-Push-Url"] == "/calls?mine=1&queue=Support"
    assert "HX-Push-Url" not in browser.htmx_get("/calls/list?mine=1&again=1").headers


def test_the_next_page_and_the_refresh_keep_the_filter(browser: Browser, agent: Agent) -> None:
    for _ in range(52):
        put_call(agent, queue="Ö & co")
    page = browser.htmx_get("/calls", query_string={"queue": "Ö & co"}).text
    kept = f"queue={quote('Ö')}+%26+co"
    [more] = re.findall(r'class="more" hx-get="([^"]+)"', page)
    assert kept in more
    assert len(rows(browser.htmx_get(more.replace("&amp;", "&")).text)) == 2
    assert f'hx-get="/calls?{kept}&amp;rows=1"' in page


def test_where_no_call_fits_the_way_back_is_shown(browser: Browser, agent: Agent) -> None:
    put_call(agent)
    page = browser.get("/calls?queue=nothing").text
    assert "No call matches" in page
    assert "Show all calls" in page
    assert 'hx-get="/calls/list?queue=nothing&amp;again=1"' in page
    assert "export.csv" not in page


def test_agents_choose_among_their_own_tenant_and_admins_among_all(
    app: Flask, browser: Browser, admin_browser: Browser, agent: Agent, jonas: Agent
) -> None:
    mine, theirs = put_call(agent, queue="Ours"), put_call(jonas, queue="Theirs")
    page = browser.get("/calls").text
    assert "Jonas Weber" not in page
    assert "Theirs" not in page
    assert 'name="tenant"' not in page
    for address in (f"/calls?tenant={jonas.tenant_id}", f"/calls?agent={jonas.id}", "/calls"):
        assert rows(browser.get(address).text) == [mine.id]
    assert rows(browser.get("/calls?queue=Theirs").text) == []
    assert rows(admin_browser.get(f"/calls?tenant={jonas.tenant_id}").text) == [theirs.id]
    assert rows(admin_browser.get("/calls?queue=Theirs").text) == [theirs.id]
    assert "Jonas Weber" in admin_browser.get("/calls").text
    for address in ("/calls/export.csv", f"/calls/export.csv?tenant={jonas.tenant_id}"):
        assert "Theirs" not in browser.get(address).text
        assert "Theirs" in admin_browser.get(address).text
        assert "Theirs" in logged_in(app, jonas).get(address).text
