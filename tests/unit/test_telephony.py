"""Acting at Call Center Studio for an agent, over HTTP against the simulator."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from crm import secret_box
from crm.callcenterstudio import CallCenterStudioError, LoginRefused, SessionExpired, TimedOut
from crm.extensions import db
from crm.models import Agent, SoftphoneTenant, Tenant, utc_now
from crm.telephony.sessions import Account, NotSetUpError, Telephony, TelephonySession, account_of
from tests.conftest import SECRET_KEY
from tests.world import Simulator, running_simulator, tenant_at


@pytest.fixture(scope="module")
def the_simulator() -> Iterator[Simulator]:
    with running_simulator(sessions_per_agent=50) as simulator:
        yield simulator


@pytest.fixture
def simulator(the_simulator: Simulator) -> Simulator:
    the_simulator.console("reset")
    the_simulator.asked.clear()
    return the_simulator


@pytest.fixture
def agent(app: Flask, simulator: Simulator) -> Agent:
    tenant = tenant_at(simulator.url, SECRET_KEY)
    agent = Agent(
        email="ayse@crm.example",
        name="Ayşe Demir",
        password_hash="-",
        tenant_id=tenant.id,
        studio_email="ayse@demo.example",
    )
    db.session.add(agent)
    db.session.commit()
    return agent


@pytest.fixture
def account(agent: Agent) -> Account:
    return account_of(agent.id, SECRET_KEY)


@pytest.fixture
def telephony() -> Telephony:
    return Telephony(public_url="http://crm.test", session_hours=8)


def test_the_agent_is_logged_in_by_the_address_known_to_the_vendor(
    telephony: Telephony, account: Account, simulator: Simulator
) -> None:
    session = telephony.log_in(account)
    assert simulator.switchboard.session(session.key) is not None
    assert timedelta(hours=7) < session.expires_at - utc_now() <= timedelta(hours=8)


def test_a_session_that_the_vendor_ends_sooner_is_kept_no_longer(account: Account) -> None:
    with running_simulator(session_hours=1) as simulator:
        nearby = replace(account, api_url=f"{simulator.url}/api/")
        session = Telephony(public_url=None, session_hours=8).log_in(nearby)
    assert session.expires_at - utc_now() <= timedelta(hours=1)


def test_an_expired_session_is_renewed_once_and_the_dial_sent_once(
    telephony: Telephony, account: Account, simulator: Simulator
) -> None:
    simulator.console("softphones", agent="ayse@demo.example")
    session = telephony.log_in(account)
    simulator.console("expire-sessions")
    simulator.asked.clear()
    working = telephony.dial(account, session, number="+905320000001", transaction_id="t-1")
    assert working.key != session.key
    assert simulator.asked == {"click2call": 2, "login": 1}
    simulator.wait_for_call()


def test_twenty_requests_that_find_it_expired_share_one_login(
    telephony: Telephony, account: Account, simulator: Simulator
) -> None:
    session = telephony.log_in(account)
    simulator.console("expire-sessions")
    simulator.asked.clear()
    together = threading.Barrier(20)

    def ask() -> TelephonySession:
        together.wait()
        return telephony.active_calls(account, session).session

    with ThreadPoolExecutor(20) as pool:
        sessions = [task.result() for task in [pool.submit(ask) for _ in range(20)]]
    assert simulator.asked["login"] == 1
    assert len({one.key for one in sessions}) == 1


def test_a_session_that_expires_again_is_told_and_not_tried_for_ever(
    telephony: Telephony, account: Account, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = telephony.log_in(account)
    monkeypatch.setattr(simulator.switchboard, "session", lambda _key: None)
    simulator.asked.clear()
    with pytest.raises(SessionExpired):
        telephony.dial(account, session, number="+905320000001", transaction_id="t-2")
    assert simulator.asked == {"click2call": 2, "login": 1}


def test_an_older_session_of_another_process_is_not_taken_for_a_newer_one(
    telephony: Telephony, account: Account, simulator: Simulator
) -> None:
    mine = telephony.log_in(account)
    later = utc_now() + timedelta(minutes=1)
    from_elsewhere = replace(mine, key="K" * 80, made_at=later)
    simulator.asked.clear()
    working = telephony.active_calls(account, from_elsewhere).session
    assert simulator.asked["login"] == 1
    assert working.key not in (mine.key, from_elsewhere.key)


def test_a_newer_session_that_has_expired_as_well_is_not_the_last_word(
    telephony: Telephony, account: Account, simulator: Simulator
) -> None:
    in_one_browser = telephony.log_in(account)
    telephony.log_in(account)  # in another browser, an hour later
    simulator.console("expire-sessions")
    simulator.asked.clear()
    working = telephony.active_calls(account, in_one_browser).session
    assert simulator.switchboard.session(working.key) is not None
    assert simulator.asked["login"] == 1


def test_who_waits_for_the_same_login_shares_its_failure(
    telephony: Telephony, account: Account, simulator: Simulator
) -> None:
    simulator.console("switches", refuse_login=True, slow_seconds=0.5)
    together = threading.Barrier(5)

    def log_in() -> str:
        together.wait()
        with pytest.raises(LoginRefused) as refused:
            telephony.log_in(account)
        return str(refused.value)

    with ThreadPoolExecutor(5) as pool:
        said = {task.result() for task in [pool.submit(log_in) for _ in range(5)]}
    assert len(said) == 1
    assert simulator.asked["login"] == 1


def test_a_session_of_another_address_at_the_vendor_is_not_taken(
    telephony: Telephony, account: Account, simulator: Simulator
) -> None:
    before = telephony.log_in(account)
    telephony.log_in(account)
    simulator.console("expire-sessions")
    now_mehmet = replace(account, studio_email="mehmet@demo.example")
    working = telephony.active_calls(now_mehmet, before).session
    session = simulator.switchboard.session(working.key)
    assert session is not None
    assert session.agent.email == "mehmet@demo.example"


@pytest.mark.parametrize(
    ("switches", "word"),
    [
        ({"refuse_login": True}, "Kullanıcı bulunamadı"),
        ({"api_answers": "500"}, "Call Center Studio"),
        ({"api_answers": "html"}, "a web page instead of an API answer"),
    ],
)
def test_a_failed_login_says_why_in_words(
    telephony: Telephony,
    account: Account,
    simulator: Simulator,
    switches: dict[str, object],
    word: str,
) -> None:
    simulator.console("switches", **switches)
    with pytest.raises(CallCenterStudioError, match=word):
        telephony.log_in(account)


def test_an_unknown_address_is_refused(telephony: Telephony, account: Account) -> None:
    with pytest.raises(LoginRefused):
        telephony.log_in(replace(account, studio_email="nobody@demo.example"))


def test_without_public_url_no_hangup_address_is_sent(
    account: Account, simulator: Simulator
) -> None:
    telephony = Telephony(public_url=None, session_hours=8)
    simulator.console("softphones", agent="ayse@demo.example")
    telephony.dial(account, telephony.log_in(account), number="+905320000001", transaction_id="t")
    assert not simulator.wait_for_call().hangup_url


def test_the_hangup_address_carries_the_tenants_secret(
    telephony: Telephony, account: Account, simulator: Simulator
) -> None:
    simulator.console("softphones", agent="ayse@demo.example")
    telephony.dial(account, telephony.log_in(account), number="+905320000001", transaction_id="t")
    call = simulator.wait_for_call()
    assert call.hangup_url == "http://crm.test/webhooks/hangup/the-hook-secret-of-demo"


def test_a_tenant_without_an_app_token_says_what_to_do(agent: Agent) -> None:
    db.session.execute(update(Tenant).values(app_token_sealed=None))
    with pytest.raises(NotSetUpError, match="no app token yet"):
        account_of(agent.id, SECRET_KEY)


def test_a_token_sealed_with_another_key_says_what_to_do(agent: Agent) -> None:
    sealed = secret_box.seal("token", key="another key")
    db.session.execute(update(Tenant).values(app_token_sealed=sealed))
    with pytest.raises(NotSetUpError, match="Set the token again"):
        account_of(agent.id, SECRET_KEY)


def test_the_softphone_gets_the_whole_host_or_the_bare_name(agent: Agent) -> None:
    assert account_of(agent.id, SECRET_KEY).softphone_tenant_value == "demo.callcenterstudio.com"
    db.session.execute(update(Tenant).values(softphone_tenant=SoftphoneTenant.NAME))
    db.session.expire_all()
    assert account_of(agent.id, SECRET_KEY).softphone_tenant_value == "demo"


def test_no_secret_is_in_a_repr(account: Account) -> None:
    session = TelephonySession(
        key="the-key",
        agent_id=1,
        tenant_id=1,
        origins=account.origins,
        made_at=datetime.now(UTC),
        expires_at=datetime.now(UTC),
    )
    assert account.app_token not in repr(account)
    assert account.hook_secret not in repr(account)
    assert "the-key" not in repr(session)


def test_a_session_that_another_request_made_just_now_is_taken_and_an_older_one_is_not(
    account: Account, simulator: Simulator
) -> None:
    now = [utc_now()]
    telephony = Telephony(public_url=None, session_hours=8, clock=lambda: now[0])
    first = telephony.session_of(account, None)
    now[0] += timedelta(seconds=20)
    assert telephony.session_of(account, None) == first
    now[0] += timedelta(minutes=2)
    assert telephony.session_of(account, None) != first
    assert simulator.asked["login"] == 2


@pytest.mark.parametrize(
    ("life", "renewed_before"),
    [(timedelta(hours=8), timedelta(minutes=10)), (timedelta(seconds=12), timedelta(seconds=3))],
)
def test_a_session_is_renewed_before_it_runs_out(
    telephony: Telephony, account: Account, life: timedelta, renewed_before: timedelta
) -> None:
    session = telephony.log_in(account)
    session = replace(session, expires_at=session.made_at + life)
    assert session.expires_at - session.renew_at == renewed_before


def test_a_vendor_that_is_slow_to_say_whether_a_key_works_holds_no_thread_for_long(
    telephony: Telephony, account: Account, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.telephony.sessions.CHECK_TIMEOUT", 0.3)
    session = telephony.log_in(account)
    simulator.console("switches", slow_seconds=3)
    with pytest.raises(TimedOut):
        telephony.check(account, session)


def test_one_that_runs_out_soon_is_not_taken_for_a_new_one(account: Account) -> None:
    now = [utc_now()]
    with running_simulator(session_hours=12 / 3600) as simulator:
        nearby = replace(account, api_url=f"{simulator.url}/api/")
        telephony = Telephony(public_url=None, session_hours=8, clock=lambda: now[0])
        first = telephony.check(nearby, None)
        assert telephony.check(nearby, first) == first
        now[0] += timedelta(seconds=10)
        assert telephony.check(nearby, first).key != first.key
