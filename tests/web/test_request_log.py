"""The request log: off until it is switched on, masked, bounded, and gone with the person."""

import json
import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm import calls, secret_box
from crm.callcenterstudio import Unreachable, WrongAppToken
from crm.calls.erase import erase_calls
from crm.extensions import db
from crm.models import Agent, LoggedRequest, Tenant, utc_now
from crm.simulator import seed
from crm.telephony import request_log
from crm.telephony.account import client_for
from tests.conftest import SECRET_KEY
from tests.web.browser import Browser
from tests.web.test_every_address import CID
from tests.world import Simulator


def switch_on(tenant: Tenant) -> None:
    request_log.switch(tenant.id, True, now=utc_now())
    db.session.refresh(tenant)


def logged() -> list[LoggedRequest]:
    db.session.rollback()
    return list(db.session.scalars(select(LoggedRequest).order_by(LoggedRequest.id)))


def add(tenant: Tenant, count: int = 1, **more: object) -> None:
    values = {
        "at": utc_now(),
        "function": "ping",
        "key": "session",
        "params": {},
        "milliseconds": 1,
    }
    for _ in range(count):
        db.session.add(LoggedRequest(tenant_id=tenant.id, **(values | more)))
    db.session.commit()


def test_nothing_is_written_while_it_is_off(simulator: Simulator, tenant: Tenant) -> None:
    assert request_log.watch(tenant, None) is None
    client_for(tenant, (SECRET_KEY,)).ping()
    switch_on(tenant)
    tenant.inspected_until = utc_now() - timedelta(seconds=1)  # it has gone off by itself
    client_for(tenant, (SECRET_KEY,)).ping()
    assert logged() == []


@pytest.mark.both_databases
def test_a_dial_is_written_with_its_call_and_its_agent(
    simulator: Simulator, tenant: Tenant, agent: Agent, browser: Browser
) -> None:
    switch_on(tenant)
    simulator.console("expire-sessions")
    simulator.console("softphones", agent="ayse@demo.example")
    browser.htmx_post("/dial", {"number": "+905320000001", "call": CID})
    expired, login, dial = logged()
    assert (expired.function, expired.problem) == ("click2call", "SessionExpired")
    assert (login.function, login.key, login.status) == ("login", "app_token", 200)
    assert (dial.function, dial.key, dial.agent_id) == ("click2call", "session", agent.id)
    assert dial.call_key == CID
    assert dial.problem == ""
    written = json.dumps([login.params, login.answer, dial.params, dial.answer])
    assert "0001" not in written
    assert seed.DEMO.app_token not in written
    assert login.answer["session"] == "***"


def test_a_refusal_is_written_with_its_reason(simulator: Simulator, tenant: Tenant) -> None:
    switch_on(tenant)
    client = client_for(tenant, (SECRET_KEY,))
    client._api._app_token = "not the token"
    with pytest.raises(WrongAppToken):
        client.login("ayse@demo.example")
    (entry,) = logged()
    assert entry.problem == "WrongAppToken"
    assert "does not accept this tenant's app token" in entry.reason
    assert "not the token" not in json.dumps([entry.params, entry.answer, entry.reason])


def test_nobody_answering_is_written_too(tenant: Tenant) -> None:
    switch_on(tenant)
    tenant.app_token_sealed = secret_box.seal("a token", key=SECRET_KEY)
    with pytest.raises(Unreachable):
        client_for(tenant, (SECRET_KEY,)).login("ayse@demo.example")
    (entry,) = logged()
    assert (entry.status, entry.answer, entry.problem) == (None, None, "Unreachable")


def test_only_the_newest_are_kept(
    simulator: Simulator, tenant: Tenant, second_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "MOST_REQUESTS", 3)
    monkeypatch.setattr(request_log, "CUT_EVERY", 1)
    switch_on(tenant)
    add(second_tenant, 5)
    for _ in range(5):
        client_for(tenant, (SECRET_KEY,)).ping()
    whose = [one.tenant_id for one in logged()]
    assert whose == [second_tenant.id] * 5 + [tenant.id] * 3


def test_they_are_deleted_after_a_week(tenant: Tenant) -> None:
    add(tenant, at=utc_now() - request_log.KEPT - timedelta(minutes=1))
    add(tenant)
    request_log.delete_old(utc_now())
    assert len(logged()) == 1


@pytest.mark.both_databases
def test_they_are_erased_with_the_person(tenant: Tenant, agent: Agent) -> None:
    for cid, number, key in (("c1", "05320000001", "k1"), ("c2", "05320000002", "k2")):
        calls.record_message(
            tenant_id=tenant.id,
            agent_id=agent.id,
            browser_call_id=cid,
            kind="IncomingCall",
            number=number,
            activecallkey=key,
            occurred_at=utc_now(),
        )
    add(tenant, call_key="k1")
    add(tenant, call_key="k2")
    erase_calls(99, ["+905320000001"], now=utc_now())
    db.session.commit()
    assert [one.call_key for one in logged()] == ["k2"]


def test_a_database_that_cannot_be_written_to_costs_the_entry_alone(
    simulator: Simulator,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(request_log, "LONGEST_WAIT", 0.0)
    switch_on(tenant)
    client = client_for(tenant, (SECRET_KEY,))
    with db.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with caplog.at_level(logging.WARNING):
            client.ping()
        other.exec_driver_sql("ROLLBACK")
    assert "could not be written down for the inspector" in caplog.text
    assert logged() == []
