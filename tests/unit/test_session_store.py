"""An agent's account, and the agent's session that all processes share, against the simulator."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from crm import agents, logins, secret_box, tenants
from crm.callcenterstudio import (
    AgentSession,
    CallCenterStudioError,
    Client,
    LoginFailure,
    LoginRefused,
    SessionExpired,
    TelephonySession,
)
from crm.extensions import db
from crm.logins import BrowserInfo
from crm.models import Agent, NewestSession, SoftphoneTenant, Tenant, utc_now
from crm.settings import Settings
from crm.simulator import seed as simulator_seed
from crm.telephony.account import NotSetUpError, account_of
from crm.telephony.session_store import DatabaseStore, delete_expired
from crm.tenants import TenantData
from tests.conftest import SECRET_KEY
from tests.world import Simulator, running_simulator, tenant_at

STORE = DatabaseStore((SECRET_KEY,))


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


Ayse = Callable[..., AgentSession]


@pytest.fixture
def ayse(agent: Agent, settings: Settings) -> Ayse:
    """Makes what a request of Ayşe's makes."""

    def make(known: TelephonySession | None = None, **options: Any) -> AgentSession:
        account = account_of(agent.id, settings)
        db.session.rollback()
        return AgentSession(
            account.client,
            account.studio_email,
            store=STORE,
            known=known,
            agent=str(account.agent_id),
            made_for=account.made_for,
            **options,
        )

    return make


def row() -> NewestSession | None:
    db.session.rollback()
    found: NewestSession | None = db.session.scalar(select(NewestSession))
    return found


def test_the_agent_is_logged_in_by_the_address_known_to_the_vendor(
    ayse: Ayse, simulator: Simulator
) -> None:
    session = ayse().log_in()
    assert simulator.switchboard.session(session.key) is not None
    assert timedelta(hours=7) < session.expires_at - utc_now() <= timedelta(hours=8)


def test_a_session_that_the_vendor_ends_sooner_is_kept_no_longer(ayse: Ayse) -> None:
    with running_simulator(session_hours=1) as simulator:
        db.session.execute(update(Tenant).values(api_url=f"{simulator.url}/api/"))
        db.session.commit()
        session = ayse().log_in()
    assert session.expires_at - utc_now() <= timedelta(hours=1)


def test_an_expired_session_is_renewed_once_and_the_dial_sent_once(
    ayse: Ayse, simulator: Simulator
) -> None:
    simulator.console("softphones", agent="ayse@demo.example")
    session = ayse().log_in()
    simulator.console("expire-sessions")
    simulator.asked.clear()
    request = ayse(session)
    request.ask(lambda client, key: client.click2call(key, "05320000001", transactionid="t-1"))
    assert request.current not in (session, None)
    assert simulator.asked == {"click2call": 2, "login": 1}
    simulator.wait_for_call()


def test_a_session_that_expires_again_is_told_and_not_tried_for_ever(
    ayse: Ayse, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ayse().log_in()
    monkeypatch.setattr(simulator.switchboard, "session", lambda _key: None)
    simulator.asked.clear()
    with pytest.raises(SessionExpired):
        ayse(session).ask(lambda client, key: client.click2call(key, "05320000001"))
    assert simulator.asked == {"click2call": 2, "login": 1}


def test_a_session_of_another_address_at_the_vendor_is_not_taken(
    ayse: Ayse, agent: Agent, simulator: Simulator
) -> None:
    before = ayse().log_in()
    agent.studio_email = "mehmet@demo.example"
    db.session.commit()
    request = ayse(before)
    request.ask(Client.getmyactivecalls)
    assert request.current
    session = simulator.switchboard.session(request.current.key)
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
def test_a_failed_login_says_why_in_words_and_those_who_come_next_hear_the_same(
    ayse: Ayse, simulator: Simulator, switches: dict[str, object], word: str
) -> None:
    simulator.console("switches", **switches)
    with pytest.raises(CallCenterStudioError, match=word) as first:
        ayse().log_in()
    with pytest.raises(CallCenterStudioError, match=word) as second:
        ayse().get()
    assert type(first.value) is type(second.value)
    assert simulator.asked["login"] == 1


def test_an_unknown_address_is_refused(ayse: Ayse, agent: Agent) -> None:
    agent.studio_email = "nobody@demo.example"
    db.session.commit()
    with pytest.raises(LoginRefused):
        ayse().log_in()


def test_without_public_url_no_hangup_address_is_sent(
    app: Flask, agent: Agent, settings: Settings
) -> None:
    app.extensions["settings"] = replace(settings, public_url=None)
    assert account_of(agent.id, app.extensions["settings"]).hangup_url is None


def test_the_hangup_address_carries_the_tenants_secret(agent: Agent, settings: Settings) -> None:
    expected = "http://crm.test/webhooks/hangup/the-hook-secret-of-demo"
    assert account_of(agent.id, settings).hangup_url == expected


def test_a_tenant_without_an_app_token_says_what_to_do(agent: Agent, settings: Settings) -> None:
    db.session.execute(update(Tenant).values(app_token_sealed=None))
    with pytest.raises(NotSetUpError, match="no app token yet"):
        account_of(agent.id, settings)


def test_a_token_sealed_with_another_key_says_what_to_do(agent: Agent, settings: Settings) -> None:
    sealed = secret_box.seal("token", key="another key")
    db.session.execute(update(Tenant).values(app_token_sealed=sealed))
    with pytest.raises(NotSetUpError, match="Set the token again"):
        account_of(agent.id, settings)


def test_the_softphone_gets_the_whole_host_or_the_bare_name(
    agent: Agent, settings: Settings
) -> None:
    assert account_of(agent.id, settings).softphone_tenant_value == "demo.callcenterstudio.com"
    db.session.execute(update(Tenant).values(softphone_tenant=SoftphoneTenant.NAME))
    db.session.expire_all()
    assert account_of(agent.id, settings).softphone_tenant_value == "demo"


def test_no_secret_is_in_a_repr(agent: Agent, settings: Settings) -> None:
    account = account_of(agent.id, settings)
    token = simulator_seed.DEMO.app_token
    assert token not in repr(account)
    assert "the-hook-secret" not in repr(account)


class TestTheSharedSession:
    """What lies in the database, on both of them."""

    pytestmark = pytest.mark.both_databases

    def test_it_is_sealed(self, ayse: Ayse) -> None:
        session = ayse().log_in()
        kept = row()
        assert kept
        assert kept.key_sealed
        assert session.key not in kept.key_sealed
        assert STORE.newest(str(kept.agent_id)) == session

    def test_another_process_takes_the_newest(self, ayse: Ayse, simulator: Simulator) -> None:
        session = ayse().log_in()
        newest = ayse().log_in()
        simulator.asked.clear()
        assert ayse().get() == newest
        simulator.console("expire-sessions")
        request = ayse(session)
        request.ask(Client.getmyactivecalls)
        assert simulator.asked["login"] == 1
        assert ayse().get() == request.current

    def test_one_sealed_with_another_key_is_as_if_absent(self, ayse: Ayse, agent: Agent) -> None:
        ayse().log_in()
        assert DatabaseStore(("another key",)).newest(str(agent.id)) is None

    def test_a_lock_is_taken_once_until_it_ends(self, agent: Agent) -> None:
        one = str(agent.id)
        ticket = STORE.take(one, 60)
        assert ticket
        assert STORE.take(one, 60) is None
        STORE.give_back(one, ticket, None)
        assert STORE.take(one, -1)  # by a process that is killed then
        assert STORE.take(one, 60)

    def test_of_many_who_want_the_lock_at_once_one_gets_it(self, app: Flask, agent: Agent) -> None:
        one, together = str(agent.id), threading.Barrier(8)

        def take() -> str | None:
            with app.app_context():
                db.engine.connect().close()  # nobody is late for want of a connection
                together.wait()
                return STORE.take(one, 60)

        for _again in range(5):
            with ThreadPoolExecutor(8) as pool:
                tickets = [task.result() for task in [pool.submit(take) for _ in range(8)]]
            (ticket,) = (ticket for ticket in tickets if ticket)
            STORE.give_back(one, ticket, None)

    def test_an_old_ticket_no_longer_counts(self, agent: Agent) -> None:
        one, now = str(agent.id), utc_now()
        old = STORE.take(one, -1)
        new = STORE.take(one, 60)
        assert old
        assert new
        STORE.give_back(one, old, LoginFailure("LoginRefused", "no", now))
        assert STORE.newest(one) is None
        STORE.give_back(one, new, LoginFailure("LoginRefused", "no", now))
        assert STORE.newest(one) == LoginFailure("LoginRefused", "no", now)

    def test_nothing_is_held_while_the_vendor_is_asked(
        self, ayse: Ayse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log_in = Client.login

        def look(client: Client, email: str) -> Any:
            assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
            return log_in(client, email)

        monkeypatch.setattr(Client, "login", look)
        ayse().log_in()

    def test_logging_out_everywhere_deletes_it(self, ayse: Ayse, agent: Agent) -> None:
        here, there = (self.crm_login(agent) for _ in range(2))
        ayse().log_in()
        logins.end(agent.id, here)
        db.session.commit()
        assert row()
        logins.end(agent.id, there)
        db.session.commit()
        assert row() is None

    def test_ending_all_other_logins_deletes_it(self, ayse: Ayse, agent: Agent) -> None:
        here = self.crm_login(agent)
        ayse().log_in()
        logins.end_all(agent.id, but=here)
        db.session.commit()
        assert row() is None

    def test_deactivating_the_agent_deletes_it(self, ayse: Ayse, agent: Agent) -> None:
        ayse().log_in()
        agents.deactivate(agent)
        db.session.commit()
        assert row() is None

    def test_a_login_under_way_when_it_is_deleted_is_not_kept(
        self, ayse: Ayse, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log_in = Client.login

        def meanwhile(client: Client, email: str) -> Any:
            agents.deactivate(db.session.get_one(Agent, agent.id))
            db.session.commit()
            return log_in(client, email)

        monkeypatch.setattr(Client, "login", meanwhile)
        ayse().log_in()
        assert row() is None

    def test_another_address_of_the_tenant_deletes_it(self, ayse: Ayse) -> None:
        ayse().log_in()
        tenants.set_tenant("demo", TenantData(timezone="UTC"), secret_key=SECRET_KEY)
        db.session.commit()
        assert row()
        elsewhere = TenantData(softphone_url="https://elsewhere.example/", app_token="t" * 80)
        tenants.set_tenant("demo", elsewhere, secret_key=SECRET_KEY)
        db.session.commit()
        assert row() is None

    def test_what_has_expired_goes_at_night(self, ayse: Ayse) -> None:
        session = ayse().log_in()
        delete_expired(session.expires_at - timedelta(seconds=1))
        assert row()
        delete_expired(session.expires_at)
        assert row() is None

    def test_a_login_under_way_is_not_cleaned_up(self, agent: Agent) -> None:
        ticket = STORE.take(str(agent.id), 60)
        delete_expired(utc_now())
        assert row()
        assert ticket
        delete_expired(utc_now() + timedelta(seconds=61))
        assert row() is None

    @staticmethod
    def crm_login(agent: Agent) -> int:
        logins.begin(agent.id, agent.password_hash, BrowserInfo("127.0.0.1", "-"), now=utc_now())
        db.session.commit()
        return max(login.id for login in logins.of_agent(agent.id, now=utc_now()))
