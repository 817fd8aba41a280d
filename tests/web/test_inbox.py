"""What comes to a webhook is kept whatever it holds, and becomes one row of a call."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm import calls, tenants
from crm.extensions import db
from crm.models import (
    Agent,
    Call,
    CallEvent,
    CallState,
    EventSource,
    InboxEntry,
    Tally,
    Tenant,
    Work,
    inbox_file,
    utc_now,
)
from crm.telephony import inbox_bounds
from crm.telephony.inbox import fold_inbox
from crm.web import refused_webhooks
from crm.web.refused_webhooks import TOO_MANY, WRONG_SECRET

POST = json.loads((Path(__file__).parents[1] / "wire" / "hangup_post.json").read_text())
pytestmark = pytest.mark.both_databases


@pytest.fixture
def address(tenant: Tenant) -> str:
    return f"/webhooks/hangup/{tenant.hook_secret}"


@pytest.fixture
def notified_at(tenant: Tenant) -> str:
    return f"/webhooks/notification/{tenant.hook_secret}"


def arrived() -> list[InboxEntry]:
    inbox_file.move_to_database()
    db.session.expire_all()
    return list(db.session.scalars(select(InboxEntry).order_by(InboxEntry.id)))


def rows() -> list[Call]:
    """The calls, after the worker came by."""
    fold_inbox(seconds=60)
    db.session.expire_all()
    return list(db.session.scalars(select(Call)))


def events() -> int:
    fold_inbox(seconds=60)
    return db.session.scalar(select(func.count()).select_from(CallEvent)) or 0


def wrong_secrets_counted(app: Flask) -> int:
    refused_webhooks.write(app)
    db.session.expire_all()
    tally = db.session.get(Tally, WRONG_SECRET)
    return tally.count if tally else 0


def test_it_is_written_down_and_nothing_else_is_done(client: FlaskClient, address: str) -> None:
    answer = client.post(address, data=POST)
    assert (answer.status_code, answer.text) == (200, "OK\n")
    [entry] = arrived()
    assert (entry.source, entry.payload) == (EventSource.HANGUP, POST)
    assert db.session.scalars(select(CallEvent)).all() == []
    assert "Set-Cookie" not in answer.headers


def test_it_is_answered_at_once_while_somebody_writes_to_the_database(
    app: Flask, client: FlaskClient, address: str, notified_at: str
) -> None:
    """An import, VACUUM, a process that was stopped in the middle: nobody knows how long."""
    with db.engine.connect() as writer:
        lock = "BEGIN IMMEDIATE" if db.engine.dialect.name == "sqlite" else "LOCK TABLE call_event"
        writer.exec_driver_sql(lock)
        began = time.monotonic()
        for key in "abc":
            assert client.post(address, data=POST | {"call_id": key}).status_code == 200
            assert client.get(notified_at, query_string={"CallID": f"n{key}"}).status_code == 200
        assert time.monotonic() - began < 5  # the lock is waited for ten seconds
        writer.rollback()
    while fold_inbox(seconds=60):  # it takes its time on a busy machine
        pass
    assert sorted(call.activecallkey or "" for call in rows()) == ["a", "b", "c", "na", "nb", "nc"]


def test_it_puts_the_call_on_record(client: FlaskClient, address: str, agent: Agent) -> None:
    client.post(address, data=POST)
    [call] = rows()
    assert (call.state, call.disposition, call.talk_seconds) == (CallState.ENDED, "ANSWER", 7)
    assert (call.agent_id, call.normal_form) == (agent.id, "+905070000042")
    assert db.session.scalars(select(Work.kind)).all() == ["complete_call"]
    assert arrived() == []


@pytest.mark.parametrize("hook", ["hangup", "notification"])
def test_a_wrong_secret_is_told_nothing_and_counted(
    app: Flask, client: FlaskClient, tenant: Tenant, hook: str
) -> None:
    for _time in range(3):
        answer = client.post(f"/webhooks/{hook}/guessed", data=POST)
        assert (answer.status_code, answer.text) == (404, "Not found\n")
    assert (arrived(), events()) == ([], 0)
    assert wrong_secrets_counted(app) == 3
    client.post(f"/webhooks/{hook}/guessed", data=POST)
    assert wrong_secrets_counted(app) == 4


def test_a_replaced_secret_fails_at_once_and_the_new_one_works(
    app: Flask, client: FlaskClient, address: str, tenant: Tenant
) -> None:
    assert client.post(address, data=POST).status_code == 200
    tenants.rotate_hook_secret(tenant)
    db.session.commit()
    assert client.post(address, data=POST).status_code == 404
    new = f"/webhooks/hangup/{tenant.hook_secret}"
    assert client.post(new, data=POST).status_code == 200
    assert (len(arrived()), wrong_secrets_counted(app)) == (2, 1)


def test_a_tenant_that_is_gone_is_a_stranger(
    client: FlaskClient, address: str, tenant: Tenant
) -> None:
    other = f"/webhooks/hangup/{'s' * 20}"
    db.session.add(
        Tenant(name="gone", host="h", api_url="a", softphone_url="s", hook_secret="s" * 20)
    )
    db.session.commit()
    client.post(other, data=POST)
    [entry] = arrived()
    gone = entry.tenant_id
    db.session.delete(entry)
    db.session.flush()
    db.session.delete(db.session.get_one(Tenant, gone))
    db.session.commit()
    assert client.post(other, data=POST).status_code == 404
    assert client.post(address, data=POST).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"call_id": "", "transaction_id": ""},
        {"duration": "abc"},
        {"call_date": "yesterday"},
        {"agent_username": "stranger@nowhere.example"},
        {"called_num": "x" * 3000},
        {"disposition": "SOMETHING NEW"},
        {"call_id": "k" * 4000},
        {"tenant": "\x00"},
    ],
)
def test_nonsense_is_kept_and_answered(
    client: FlaskClient, address: str, changes: dict[str, str]
) -> None:
    assert client.post(address, data=POST | changes).status_code == 200
    assert (events(), arrived()) == (1, [])


@pytest.mark.parametrize("hook", ["hangup", "notification"])
@pytest.mark.parametrize(
    "options",
    [
        {"json": POST},
        {"json": POST | {"tenant": "\x00", "call_date": "\ud800"}},
        {"json": {"call_id": {"not": ["a", "key"]}}},
        {"json": [POST]},
        {"data": json.dumps(POST), "content_type": "text/plain"},
        {"query_string": POST},
        {"data": "call_id=k1&duration=7", "content_type": "text/plain"},
        {"data": b"\xff\xfe", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"[" * 15_000, "content_type": "application/json"},
        {"data": b""},
    ],
)
def test_any_way_of_writing_it_is_taken(
    client: FlaskClient, tenant: Tenant, hook: str, options: dict[str, Any]
) -> None:
    assert client.post(f"/webhooks/{hook}/{tenant.hook_secret}", **options).status_code == 200
    assert (events(), arrived()) == (1, [])


def test_twice_is_one_row(client: FlaskClient, address: str) -> None:
    for _time in range(2):
        assert client.post(address, data=POST).status_code == 200
    assert (len(rows()), events()) == (1, 1)


def test_before_the_browsers_messages_it_is_one_row(
    client: FlaskClient, address: str, agent: Agent
) -> None:
    client.post(address, data=POST)
    calls.record_message(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        browser_call_id="c1",
        kind="OutgoingActiveCallKey",
        activecallkey=POST["call_id"],
        occurred_at=utc_now(),
    )
    [call] = rows()
    assert (call.state, call.disposition) == (CallState.ENDED, "ANSWER")


def test_far_too_much_is_refused(client: FlaskClient, address: str, notified_at: str) -> None:
    assert client.post(address, data={"call_id": "k" * 20_000}).status_code == 413
    assert client.get(notified_at, query_string={"CallID": "k" * 20_000}).status_code == 413
    assert (arrived(), events()) == ([], 0)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_notification_comes_with_a_query_alone(
    client: FlaskClient, notified_at: str, method: str, agent: Agent
) -> None:
    query = {"CallID": "key-1", "MobilePhoneNumber": "05320000001", "AgentID": agent.email}
    answer = client.open(notified_at, method=method, query_string=query)
    assert (answer.status_code, answer.text) == (200, "OK\n")
    [call] = rows()
    assert (call.activecallkey, call.normal_form, call.agent_id) == (
        "key-1",
        "+905320000001",
        agent.id,
    )
    assert (call.state, call.answered) == (CallState.ENDED, True)
    assert db.session.scalars(select(Work.kind)).all() == ["complete_call"]


def test_looking_whether_the_address_is_there_is_no_notification(
    client: FlaskClient, notified_at: str
) -> None:
    assert client.head(notified_at).status_code == 200
    assert arrived() == []


def test_a_plus_that_nobody_encoded_leads_to_the_number_and_to_the_agent(
    client: FlaskClient, address: str, notified_at: str, agent: Agent
) -> None:
    agent.studio_email = "ayse+desk@demo.example"
    db.session.commit()
    told = "CallID=a-key&MobilePhoneNumber=+3221234567&AgentID=ayse+desk@demo.example"
    assert client.get(f"{notified_at}?{told}").status_code == 200
    form = "call_id=another&called_num=+3221234567&agent_username=ayse+desk@demo.example"
    kind = "application/x-www-form-urlencoded"
    assert client.post(address, data=form, content_type=kind).status_code == 200
    found = [(call.normal_form, call.agent_id) for call in rows()]
    assert found == [("+3221234567", agent.id)] * 2


def test_what_waits_is_bounded_and_what_is_not_taken_is_said(
    app: Flask, client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_bounds, "MOST_UNREAD", 3)
    monkeypatch.setattr(inbox_bounds, "SECONDS_BETWEEN_LOOKS", -1)
    answers = [client.post(address, data=POST | {"call_id": key}) for key in "abcd"]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Too many wait" in answers[-1].text
    assert len(arrived()) == 3
    refused_webhooks.write(app)
    assert db.session.get_one(Tally, TOO_MANY).count == 1
    assert client.post(address, data=POST).status_code == 429  # now it waits for the worker
    fold_inbox(seconds=60)
    assert client.post(address, data=POST).status_code == 200
