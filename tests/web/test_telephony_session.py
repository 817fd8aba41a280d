"""The cookie that holds the session of Call Center Studio: whose it is and how it is kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer
from sqlalchemy import update

from crm import agents
from crm.extensions import db
from crm.models import Agent, Tenant, utc_now
from crm.telephony import TelephonySession
from crm.web import telephony_session
from crm.web.telephony_session import COOKIE
from tests.conftest import SECRET_KEY
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, add_agent, logged_in
from tests.world import Simulator

KEY = "a-session-key-" + "k" * 70


@pytest.fixture
def session(agent: Agent, simulator: Simulator) -> TelephonySession:
    now = utc_now()
    return TelephonySession(
        key=KEY,
        agent_id=agent.id,
        tenant_id=agent.tenant_id,
        origins=(simulator.url, simulator.url),
        made_at=now,
        expires_at=now + timedelta(hours=8),
    )


@pytest.fixture(autouse=True)
def _vendor(simulator: Simulator) -> None:
    """The tenant is set up, so that a session that counts shows in the dock."""


def give(browser: Browser, session: TelephonySession) -> None:
    """Put a cookie into a browser as the CRM itself writes it."""
    with browser.app.test_request_context():
        answer = browser.app.make_response("")
        telephony_session.write(answer, session)
    value = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    browser.client.set_cookie(COOKIE, value)


def counts(browser: Browser) -> bool:
    """Whether the page takes the cookie's session for the softphone."""
    return KEY in browser.get("/softphone").text


@pytest.mark.parametrize("column", ["api_url", "softphone_url"])
def test_a_session_made_at_one_address_is_not_sent_to_another(
    browser: Browser, session: TelephonySession, column: str
) -> None:
    give(browser, session)
    assert counts(browser)
    db.session.execute(update(Tenant).values({column: "https://listener.example/"}))
    assert not counts(browser)


def test_ones_own_session_is_used(browser: Browser, session: TelephonySession) -> None:
    give(browser, session)
    assert counts(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"agent_id": 4711},
        {"tenant_id": 4711},
        {"expires_at": utc_now() - timedelta(seconds=1)},
    ],
)
def test_anothers_and_an_old_one_are_as_if_absent(
    browser: Browser, session: TelephonySession, changes: dict[str, Any]
) -> None:
    give(browser, replace(session, **changes))
    assert not counts(browser)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        URLSafeSerializer("another key, long enough to be one", salt="telephony session").dumps({}),
        URLSafeSerializer(SECRET_KEY, salt="another salt").dumps({"key": KEY, "agent": 1}),
        URLSafeSerializer(SECRET_KEY, salt="telephony session").dumps([KEY]),
        URLSafeSerializer(SECRET_KEY, salt="telephony session").dumps(
            {"key": KEY, "agent": 1, "tenant": 1, "made": 1e300, "expires": 1e300}
        ),
        "é" * 50,
    ],
)
def test_a_forged_or_broken_cookie_is_as_if_absent(browser: Browser, value: str) -> None:
    browser.client.set_cookie(COOKIE, value)
    answer = browser.get("/softphone")
    assert answer.status_code == 200
    assert KEY not in answer.text


def test_a_changed_letter_makes_it_nobodys(browser: Browser, session: TelephonySession) -> None:
    give(browser, session)
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    browser.client.set_cookie(COOKIE, ("J" if cookie.value[0] == "I" else "I") + cookie.value[1:])
    assert not counts(browser)


def test_it_is_of_no_use_to_a_colleague(
    app: Flask, tenant: Tenant, session: TelephonySession
) -> None:
    mehmet = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    give(mehmet, session)
    assert not counts(mehmet)


def test_an_agent_who_moved_to_another_tenant_takes_none_along(
    browser: Browser, session: TelephonySession, agent: Agent
) -> None:
    other = Tenant(
        name="other",
        host="other.example",
        api_url="https://other.example/api/",
        softphone_url="https://other.example/softphone",
        timezone="UTC",
        region="DE",
        hook_secret="-",
    )
    db.session.add(other)
    db.session.flush()
    give(browser, session)
    db.session.execute(update(Agent).values(tenant_id=other.id))
    assert not counts(browser)


def test_another_address_at_the_vendor_gets_a_session_of_its_own(
    browser: Browser, session: TelephonySession, agent: Agent, simulator: Simulator
) -> None:
    give(browser, session)
    changed = agents.AgentData(
        email=agent.email,
        name=agent.name,
        tenant=db.session.get_one(Tenant, agent.tenant_id),
        studio_email="mehmet@demo.example",
    )
    agents.change_agent(agent, changed)
    assert browser.get("/softphone").status_code == 302  # the login has ended
    simulator.console("switches", refuse_login=True)
    browser.log_in(agent.email, PASSWORD)
    assert not counts(browser)
    assert browser.client.get_cookie(COOKIE) is None


def test_the_login_writes_it_for_the_server_alone(anonymous: Browser, agent: Agent) -> None:
    lines = anonymous.log_in(agent.email, PASSWORD).headers.getlist("Set-Cookie")
    line = next(line for line in lines if line.startswith(f"{COOKIE}="))
    assert all(flag in line for flag in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Secure" not in line


@pytest.mark.parametrize("url", ["https://crm.example", "http://crm.example", "http://10.0.0.7"])
def test_off_this_machine_it_goes_over_https_alone(
    app: Flask, session: TelephonySession, url: str
) -> None:
    with app.test_request_context(base_url=url):
        answer = app.make_response("")
        telephony_session.write(answer, session)
        assert "; Secure;" in answer.headers["Set-Cookie"]


def test_nothing_but_the_cookie_and_the_frames_address_holds_the_key(
    anonymous: Browser, agent: Agent
) -> None:
    answer = anonymous.log_in(agent.email, PASSWORD)
    assert "session=" not in answer.text
    page = anonymous.get("/contacts").text
    assert page.count("session=") == 1
    assert 'data-src="' in page


def test_page_loads_cause_no_new_login(
    anonymous: Browser, agent: Agent, simulator: Simulator
) -> None:
    anonymous.log_in(agent.email, PASSWORD)
    for path in ("/contacts", "/softphone", "/calls", "/contacts"):
        anonymous.get(path)
    assert simulator.asked["login"] == 1
