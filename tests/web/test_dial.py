"""A click dials once, however it is clicked, sent or answered; refusals are told in words."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from crm import calls
from crm.callcenterstudio import ActiveCall, Client
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, Call, CallCard, CallEvent, CallState, Tenant, utc_now
from crm.settings import Settings
from crm.telephony import dial as dialling
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in
from tests.world import Simulator

NUMBER = "+905320000001"


@pytest.fixture
def phone(app: Flask, agent: Agent, simulator: Simulator) -> Browser:
    """Ayşe's browser, connected to Call Center Studio."""
    browser = logged_in(app, agent)
    simulator.asked.clear()
    return browser


def the_calls() -> list[Call]:
    db.session.expire_all()
    return list(db.session.scalars(select(Call)))


def masked_call(agent: Agent, key: str = "k" * 80) -> Call:
    """A call whose number the company hides, which the vendor has told the CRM."""
    call = calls.record_message(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        browser_call_id=str(uuid4()),
        kind="IncomingCall",
        number="90532xxxxxxx",
        activecallkey=key,
        occurred_at=utc_now(),
    )
    active = ActiveCall.parse({"key": key, "callerid": NUMBER, "inbound": True})
    calls.record_active_call(tenant_id=agent.tenant_id, agent_id=agent.id, active=active)
    db.session.commit()
    return call


def test_it_dials_with_our_transaction_id_and_a_hangup_address(
    phone: Browser, simulator: Simulator
) -> None:
    click = str(uuid4())
    answer = phone.htmx_post("/dial", {"number": "0532 000 00 01", "call": click})
    assert answer.status_code == 200
    assert "Dialling…" in answer.text
    call = simulator.wait_for_call()
    assert call.transaction_id == click
    assert call.hangup_url == "http://crm.test/webhooks/hangup/the-hook-secret-of-demo"
    assert [call.normal_form for call in the_calls()] == [NUMBER]


def test_the_same_click_twice_is_one_request(phone: Browser, simulator: Simulator) -> None:
    form = {"number": NUMBER, "call": str(uuid4())}
    assert phone.htmx_post("/dial", form).status_code == 200
    assert phone.htmx_post("/dial", form).status_code == 200
    assert simulator.asked == {"click2call": 1}
    assert len(the_calls()) == 1


def test_the_same_click_of_a_failed_dial_is_told_the_failure_again(
    phone: Browser, simulator: Simulator
) -> None:
    simulator.console("switches", api_answers="500")
    form = {"number": NUMBER, "call": str(uuid4())}
    first, second = phone.htmx_post("/dial", form), phone.htmx_post("/dial", form)
    assert (first.status_code, second.status_code) == (502, 502)
    assert first.text == second.text
    assert "dial-refused" in second.headers["HX-Trigger"]
    assert simulator.asked["click2call"] == 1


def test_a_failed_dial_leaves_no_card_behind(phone: Browser, simulator: Simulator) -> None:
    simulator.console("switches", api_answers="500")
    phone.htmx_post("/dial", {"number": NUMBER, "call": str(uuid4())})
    assert 'class="call-card' not in phone.get("/contacts").text
    (call,) = the_calls()
    assert call.dial_problem


def test_a_second_click_on_a_number_that_is_being_dialled_is_refused(
    phone: Browser, simulator: Simulator
) -> None:
    phone.htmx_post("/dial", {"number": NUMBER, "call": str(uuid4())})
    again = phone.htmx_post("/dial", {"number": "0532 000 00 01", "call": str(uuid4())})
    assert again.status_code == 409
    assert "on a call with this number" in again.text
    assert simulator.asked == {"click2call": 1}


@pytest.mark.both_databases
@pytest.mark.parametrize("same_click", [True, False])
def test_two_processes_at_the_same_moment_dial_once(
    app: Flask, settings: Settings, phone: Browser, simulator: Simulator, same_click: bool
) -> None:
    simulator.console("switches", slow_seconds=0.3)
    other = create_app(settings)
    clicks = [str(uuid4())] * 6 if same_click else [str(uuid4()) for _ in range(6)]
    together = threading.Barrier(6)

    def click(place: int) -> int:
        browser = Browser(app if place % 2 else other)
        browser.client._cookies = dict(phone.client._cookies or {})
        form = {"number": NUMBER, "call": clicks[place], "csrf_token": phone.csrf_token()}
        together.wait()
        with browser.app.app_context():
            return browser.client.post("/dial", data=form).status_code

    phone.get("/calls")  # makes the token, before the threads share it
    with ThreadPoolExecutor(6) as pool:
        codes = sorted(pool.map(click, range(6)))
    with other.app_context():
        db.engine.dispose()
    assert simulator.asked["click2call"] == 1
    assert codes == [200] * 6 if same_click else codes == [200] + [409] * 5
    assert len(the_calls()) == 1


def test_a_slow_vendor_holds_nobody_longer_than_the_timeout(
    phone: Browser, simulator: Simulator, short_timeout: None
) -> None:
    simulator.console("switches", slow_seconds=8)
    began = time.monotonic()
    answer = phone.htmx_post("/dial", {"number": NUMBER, "call": str(uuid4())})
    assert time.monotonic() - began < 6
    assert answer.status_code == 502
    assert "did not answer in time" in answer.text
    assert the_calls()[0].state is CallState.ENDED


@pytest.fixture
def short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor is waited for half a second instead of ten."""
    defaults = dict(Client.__init__.__kwdefaults__ or {})
    assert defaults["total_timeout"] <= 10
    monkeypatch.setattr(Client.__init__, "__kwdefaults__", {**defaults, "total_timeout": 0.5})


def test_after_a_dial_the_next_one_may_be(phone: Browser, simulator: Simulator) -> None:
    simulator.console("switches", api_answers="500")
    phone.htmx_post("/dial", {"number": NUMBER, "call": str(uuid4())})
    simulator.console("switches", api_answers="json")
    answer = phone.htmx_post("/dial", {"number": NUMBER, "call": str(uuid4())})
    assert answer.status_code == 200
    assert simulator.asked["click2call"] == 2


@pytest.mark.parametrize(
    "number", ["", "anonymous", "90532xxxxxxx", "call me", "<script>", "x" * 500, "\x00", "+"]
)
def test_what_is_no_number_is_not_dialled(
    phone: Browser, simulator: Simulator, number: str
) -> None:
    answer = phone.htmx_post("/dial", {"number": number, "call": str(uuid4())})
    assert answer.status_code == 422
    assert "<script" not in answer.text
    assert simulator.asked == {}
    assert the_calls() == []


@pytest.mark.parametrize("click", ["x", "1", "../../etc", "x" * 4000])
def test_a_click_id_that_is_none_is_refused(
    phone: Browser, simulator: Simulator, click: str
) -> None:
    assert phone.htmx_post("/dial", {"number": NUMBER, "call": click}).status_code == 422
    assert simulator.asked == {}


def test_without_a_session_to_be_had_it_says_why(browser: Browser) -> None:
    answer = browser.htmx_post("/dial", {"number": NUMBER})
    assert answer.status_code == 502
    assert "An admin can set it under Settings" in answer.text
    assert the_calls() == []


def test_an_expired_session_is_one_login_one_repeat_one_call(
    phone: Browser, simulator: Simulator
) -> None:
    simulator.console("expire-sessions")
    simulator.console("softphones", agent="ayse@demo.example")
    simulator.asked.clear()
    answer = phone.htmx_post("/dial", {"number": NUMBER, "call": str(uuid4())})
    assert answer.status_code == 200
    assert simulator.asked == {"click2call": 2, "login": 1}
    assert "softphone-renewed" in answer.headers["HX-Trigger"]
    assert "telephony_session=" in answer.headers["Set-Cookie"]
    simulator.wait_for_call()


def test_a_withheld_number_is_called_back_and_never_shown(
    phone: Browser, simulator: Simulator, agent: Agent
) -> None:
    withheld = masked_call(agent)
    calls.end_if_gone(withheld, agent.id, set(), now=utc_now() + timedelta(minutes=1))
    answer = phone.htmx_post("/dial", {"back": withheld.id, "call": str(uuid4())})
    assert answer.status_code == 200
    dialled = simulator.wait_for_call()
    assert dialled.shown != dialled.number
    for page in (answer, phone.get("/calls"), phone.get("/contacts")):
        assert "5320000001" not in page.text.replace(" ", "")


def test_a_withheld_number_of_another_tenant_is_nobodys(
    app: Flask, phone: Browser, simulator: Simulator
) -> None:
    other = Tenant(
        name="second",
        host="second.example",
        api_url="http://127.0.0.1:9/api/",
        softphone_url="http://127.0.0.1:9/softphone",
        timezone="Europe/Berlin",
        region="DE",
        hook_secret="another",
    )
    db.session.add(other)
    db.session.commit()
    theirs = masked_call(add_agent(other, "jonas@second.example", "Jonas Weber"))
    for back in (theirs.id, 4711, "9" * 30, -1, "x"):
        answer = phone.htmx_post("/dial", {"back": back})
        assert answer.status_code == 422
    assert simulator.asked == {}


@pytest.mark.both_databases
@pytest.mark.parametrize("contact_id", ["4711", "9" * 30])
def test_a_contact_that_is_none_does_not_stop_the_dial(
    phone: Browser, simulator: Simulator, contact_id: str
) -> None:
    form = {"number": NUMBER, "call": str(uuid4()), "contact_id": contact_id}
    assert phone.htmx_post("/dial", form).status_code == 200


def test_a_dial_whose_end_was_lost_does_not_lock_the_number_for_ever(
    phone: Browser, simulator: Simulator
) -> None:
    phone.htmx_post("/dial", {"number": NUMBER, "call": str(uuid4())})
    db.session.execute(update(CallCard).values(state_since=utc_now().replace(year=2020)))
    answer = phone.htmx_post("/dial", {"number": NUMBER, "call": str(uuid4())})
    assert answer.status_code == 200
    assert simulator.asked["click2call"] == 2


def test_what_was_dialled_is_kept_as_it_came(phone: Browser, simulator: Simulator) -> None:
    click = str(uuid4())
    phone.htmx_post("/dial", {"number": NUMBER, "call": click})
    event = db.session.scalars(select(CallEvent)).one()
    assert event.payload["transaction_id"] == click


class TestAfterTheCrmWasKilledInTheMiddleOfADial:
    """The click's request ends without an answer, and nobody releases what it reserved."""

    @staticmethod
    def was_killed(agent: Agent, ago: float, number: str = NUMBER) -> None:
        began = utc_now() - timedelta(seconds=ago)
        assert dialling.reserve(agent.id, now=began)
        cid = str(uuid4())
        calls.record_dial(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            browser_call_id=cid,
            transaction_id=cid,
            number=number,
            occurred_at=began,
        )
        db.session.commit()

    @pytest.mark.both_databases
    @pytest.mark.parametrize("number", [NUMBER, "+905320000002"])
    def test_the_next_click_dials_when_the_vendor_has_no_call(
        self, phone: Browser, agent: Agent, simulator: Simulator, number: str
    ) -> None:
        self.was_killed(agent, ago=13)
        answer = phone.htmx_post("/dial", {"number": number, "call": str(uuid4())})
        assert answer.status_code == 200, answer.text
        assert simulator.asked == {"getmyactivecalls": 1, "click2call": 1}
        lost, _dialled = sorted(the_calls(), key=lambda call: call.id)
        assert lost.dial_problem == "not_taken"
        again = phone.htmx_post("/dial", {"number": "+905320000003", "call": str(uuid4())})
        assert again.status_code == 200

    @pytest.mark.parametrize("number", [NUMBER, "+905320000002"])
    def test_before_the_vendor_can_have_answered_it_says_since_when_and_what_to_do(
        self, phone: Browser, agent: Agent, simulator: Simulator, number: str
    ) -> None:
        self.was_killed(agent, ago=5)
        answer = phone.htmx_post("/dial", {"number": number, "call": str(uuid4())})
        assert answer.status_code == 409
        began, again = re.findall(r"\d\d:\d\d:\d\d", answer.text)
        span = datetime.strptime(again, "%H:%M:%S") - datetime.strptime(began, "%H:%M:%S")
        assert span.seconds == 12
        assert "click again at" in answer.text
        assert simulator.asked == {}

    @pytest.mark.parametrize("trouble", ["a call is up", "500"])
    def test_while_the_vendor_has_a_call_or_does_not_say_nothing_is_sent(
        self, phone: Browser, agent: Agent, simulator: Simulator, trouble: str
    ) -> None:
        if trouble == "500":
            simulator.console("switches", api_answers="500")
        else:
            simulator.console("ring", agent=agent.email, number="05320000009")
        self.was_killed(agent, ago=20)
        answer = phone.htmx_post("/dial", {"number": "+905320000002", "call": str(uuid4())})
        assert answer.status_code == 409
        assert "End the call in the softphone, or click again at" in answer.text
        assert simulator.asked["click2call"] == 0
        assert [call.dial_problem for call in the_calls()] == [""]

    def test_a_page_that_was_closed_before_it_could_say_not_taken_locks_no_number(
        self, phone: Browser, agent: Agent, simulator: Simulator
    ) -> None:
        self.was_killed(agent, ago=60)
        answer = phone.htmx_post("/dial", {"number": NUMBER, "call": str(uuid4())})
        assert answer.status_code == 200
        assert simulator.asked["click2call"] == 1

    def test_another_clicks_new_reservation_is_not_taken_away(self, agent: Agent) -> None:
        now = utc_now()
        assert dialling.reserve(agent.id, now=now)
        dialling.release(agent.id, begun_before=now - timedelta(seconds=12))
        assert dialling.under_way_since(agent.id, now=now) == now


WRITTEN = {
    "0216 555 01 09,,820445398#": "02165550109",
    "+90 216 555 01 08*12": "02165550108",
    "0216 555 01 02 dahili 12": "02165550102",
    "02165550110pbx": "02165550110",
    "Cep: 0532 555 01 16": "05325550116",
    "\u202a0532 555\u00a001 17\u202c": "05325550117",
    "444 0 123": "4440123",
    "182": "182",
    "*21#": "*21#",
}


def test_exactly_the_number_is_dialled_whatever_stands_beside_it(
    phone: Browser, simulator: Simulator
) -> None:
    for written, dialled in WRITTEN.items():
        answer = phone.htmx_post("/dial", {"number": written, "call": str(uuid4())})
        assert answer.status_code == 200, answer.text
        assert simulator.wait_for_call().number == dialled
        simulator.console("reset")
        simulator.console("softphones", agent="ayse@demo.example")


@pytest.mark.parametrize(
    "written",
    [
        *("0216 555 01 15 - 0532 555 01 16", "0216 555 01 13 / 14", "0216 555 01 13, 14"),
        *("0216 555 01 15\n0532 555 01 16", "0216 555 01 15 veya 0532 555 01 16"),
        "0216 555 01 15" + " " * 100 + "0532 555 01 16",
    ],
)
def test_two_numbers_are_not_dialled_as_one(
    phone: Browser, simulator: Simulator, written: str
) -> None:
    answer = phone.htmx_post("/dial", {"number": written, "call": str(uuid4())})
    assert answer.status_code == 422
    assert "more than one number" in answer.text
    assert simulator.asked == {}
