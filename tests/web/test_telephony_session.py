"""The cookie that holds the session of Call Center Studio: whose it is and how it is kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer
from sqlalchemy import update

from crm import agents, calls
from crm.callcenterstudio import TelephonySession
from crm.extensions import db
from crm.models import Agent, NewestSession, Tenant, utc_now
from crm.simulator import api as simulator_api
from crm.telephony.account import made_for
from crm.telephony.session_store import COOKIE, write_cookie
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
        made_for=made_for(
            agent.id, agent.tenant_id, agent.studio_email, simulator.url, simulator.url
        ),
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
        write_cookie(answer, session)
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


def hours_later() -> None:
    """The newest session in the database has expired as well."""
    over = utc_now() - timedelta(seconds=1)
    db.session.rollback()
    db.session.execute(update(NewestSession).values(expires_at=over))
    db.session.commit()


def test_ones_own_session_is_used(browser: Browser, session: TelephonySession) -> None:
    give(browser, session)
    assert counts(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"made_for": "somebody else"},
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
        write_cookie(answer, session)
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


class TestItRunsOutOnALongShift:
    """Its own time is over, so the browser has thrown the cookie away; the page is still open."""

    CID = "11111111-1111-4111-8111-111111111111"

    @pytest.fixture
    def late(self, browser: Browser, simulator: Simulator) -> Browser:
        """Ayşe's browser, hours later."""
        browser.client.delete_cookie(COOKIE)
        hours_later()
        simulator.asked.clear()
        return browser

    def on_a_call(self, agent: Agent, simulator: Simulator, *, masked: bool = False) -> None:
        """Ayşe talks, at the vendor and on record."""
        wish = {"agent": "ayse@demo.example", "number": "+905320000001", "masked": masked}
        call = simulator.console("ring", **wish)
        simulator.console(f"calls/{call['id']}/softphone/answer")
        for kind in ("IncomingCall", "Accept", "Talking"):
            calls.record_message(
                tenant_id=agent.tenant_id,
                agent_id=agent.id,
                browser_call_id=self.CID,
                kind=kind,
                number=call["number"],
                activecallkey=call["activecallkey"],
                occurred_at=utc_now(),
            )
        db.session.commit()

    @pytest.mark.parametrize(
        ("road", "asked"),
        [
            (("POST", "/dial", {"number": "+905320000001", "call": str(uuid4())}), "click2call"),
            (("POST", f"/call-panel/{CID}/hold", {}), "click2hold"),
            (("POST", f"/call-panel/{CID}/hang-up", {}), "click2hang"),
            (("GET", f"/call-panel/{CID}/check", {}), "getmyactivecalls"),
            (("POST", "/softphone/check", {}), "login"),
        ],
        ids=lambda value: value[1] if isinstance(value, tuple) else value,
    )
    def test_whatever_needs_it_makes_it_anew_once(
        self,
        late: Browser,
        agent: Agent,
        simulator: Simulator,
        road: tuple[str, str, dict[str, str]],
        asked: str,
    ) -> None:
        method, path, form = road
        if "call-panel" in path:
            self.on_a_call(agent, simulator)
        answer = late.htmx_post(path, form) if method == "POST" else late.htmx_get(path)
        assert answer.status_code == 200
        assert "No phone" not in answer.text.replace('data-off="No phone"', "")
        assert simulator.asked == {"login": 1} | {asked: 1}
        assert late.client.get_cookie(COOKIE) is not None
        hours_later()
        late.htmx_post("/softphone/check")
        assert simulator.asked["login"] == 1  # it is kept

    def test_hold_is_taken_off_again(
        self, late: Browser, agent: Agent, simulator: Simulator
    ) -> None:
        self.on_a_call(agent, simulator)
        assert "On hold" in late.htmx_post(f"/call-panel/{self.CID}/hold").text
        late.client.delete_cookie(COOKIE)
        assert "Talking" in late.htmx_post(f"/call-panel/{self.CID}/unhold").text

    def test_a_masked_caller_is_still_found(
        self, late: Browser, agent: Agent, simulator: Simulator
    ) -> None:
        self.on_a_call(agent, simulator, masked=True)
        late.htmx_get(f"/call-panel/{self.CID}/check")
        call = calls.by_browser_call_id(agent.tenant_id, agent.id, self.CID)
        assert call is not None
        assert call.is_resolved

    def test_the_page_takes_the_new_address(self, late: Browser) -> None:
        answer = late.htmx_post("/dial", {"number": "+905320000001", "call": str(uuid4())})
        assert "softphone-renewed" in answer.headers["HX-Trigger"]
        assert late.client.get_cookie(COOKIE) is not None

    def test_a_session_that_was_made_for_what_failed_is_kept(
        self, late: Browser, agent: Agent, simulator: Simulator
    ) -> None:
        self.on_a_call(agent, simulator)
        (call,) = simulator.switchboard.open_calls()
        simulator.console(f"calls/{call.id}/far-side/hang-up")
        answer = late.htmx_post(f"/call-panel/{self.CID}/hold")  # there is no call any more
        assert "Call Center Studio" in answer.text
        hours_later()
        late.htmx_post(f"/call-panel/{self.CID}/hold")
        assert simulator.asked["login"] == 1

    def test_where_it_cannot_be_had_the_reason_is_said(
        self, late: Browser, agent: Agent, simulator: Simulator
    ) -> None:
        self.on_a_call(agent, simulator)
        simulator.console("switches", refuse_login=True)
        dial = late.htmx_post("/dial", {"number": "+905320000009", "call": str(uuid4())})
        for answer in (dial, late.htmx_post(f"/call-panel/{self.CID}/hold")):
            assert "Kullanıcı bulunamadı" in answer.text


class TestTheKeyIsTried:
    """`POST /softphone/check`, by the page that has the softphone."""

    @staticmethod
    def age(browser: Browser, session: TelephonySession, **left: float) -> None:
        now = utc_now()
        made = now - timedelta(hours=8) + timedelta(**left)
        give(browser, replace(session, made_at=made, expires_at=now + timedelta(**left)))

    def test_one_that_works_is_kept_and_said_to_be_connected(
        self, browser: Browser, simulator: Simulator
    ) -> None:
        simulator.asked.clear()
        line = browser.htmx_post("/softphone/check").text
        assert 'data-answered="yes"' in line
        assert simulator.asked == {"ping": 1}

    def test_a_page_that_is_loaded_claims_nothing(self, browser: Browser) -> None:
        line = browser.get("/softphone").text
        assert "data-answered" not in line
        assert "is-connecting" in line

    def test_one_that_the_vendor_has_ended_is_renewed(
        self, browser: Browser, simulator: Simulator
    ) -> None:
        before = browser.client.get_cookie(COOKIE)
        simulator.console("expire-sessions")
        simulator.asked.clear()
        line = browser.htmx_post("/softphone/check").text
        assert 'data-answered="yes"' in line
        assert simulator.asked["login"] == 1
        assert browser.client.get_cookie(COOKIE) != before

    def test_one_that_runs_out_soon_is_renewed(
        self, browser: Browser, session: TelephonySession, simulator: Simulator
    ) -> None:
        self.age(browser, session, minutes=9)
        hours_later()
        simulator.asked.clear()
        assert 'data-answered="yes"' in browser.htmx_post("/softphone/check").text
        assert simulator.asked == {"login": 1}
        assert not counts(browser)  # the old key

    @pytest.mark.parametrize("answers", ["500", "html", "429", "dropped"])
    def test_no_answer_takes_nothing_away_and_is_said(
        self, browser: Browser, simulator: Simulator, answers: str
    ) -> None:
        simulator.console("switches", api_answers=answers)
        line = browser.htmx_post("/softphone/check").text
        assert 'data-answered="no"' in line
        assert 'data-problem="passing"' in line
        assert "data-src" in line
        assert "It will try again by itself" in line
        assert "ry again in" not in line  # who reads it has nothing to do
        assert browser.client.get_cookie(COOKIE) is not None

    def test_a_key_that_was_refused_with_no_other_to_be_had_is_no_phone(
        self, browser: Browser, simulator: Simulator
    ) -> None:
        simulator.console("expire-sessions")
        simulator.console("switches", refuse_login=True)
        line = browser.htmx_post("/softphone/check").text
        assert "Kullanıcı bulunamadı" in line
        assert 'data-problem="lasting"' in line
        assert "data-src" not in line

    def test_another_refusal_than_that_of_the_key_is_an_answer(
        self, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(simulator_api.FUNCTIONS, "ping")
        assert 'data-answered="yes"' in browser.htmx_post("/softphone/check").text
