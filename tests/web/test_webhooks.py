"""The vendor's post at the end of a dialled call: kept whatever it holds, done to one row."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm import calls
from crm.extensions import db
from crm.models import Agent, Call, CallEvent, CallState, Tenant, Work, utc_now

POST = json.loads((Path(__file__).parents[1] / "wire" / "hangup_post.json").read_text())
pytestmark = pytest.mark.both_databases


@pytest.fixture
def address(tenant: Tenant) -> str:
    return f"/webhooks/hangup/{tenant.hook_secret}"


def rows() -> list[Call]:
    db.session.expire_all()
    return list(db.session.scalars(select(Call)))


def events() -> int:
    return db.session.scalar(select(func.count()).select_from(CallEvent)) or 0


def test_it_puts_the_call_on_record(client: FlaskClient, address: str, agent: Agent) -> None:
    answer = client.post(address, data=POST)
    assert (answer.status_code, answer.text) == (200, "OK\n")
    [call] = rows()
    assert (call.state, call.disposition, call.talk_seconds) == (CallState.ENDED, "ANSWER", 7)
    assert (call.agent_id, call.normal_form) == (agent.id, "+905070000042")
    assert db.session.scalars(select(Work.kind)).all() == ["complete_call"]


def test_a_wrong_secret_is_told_nothing(client: FlaskClient, address: str) -> None:
    answer = client.post("/webhooks/hangup/guessed", data=POST)
    assert (answer.status_code, answer.text) == (404, "Not found\n")
    assert (rows(), events()) == ([], 0)


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
    assert events() == 1


@pytest.mark.parametrize(
    "options",
    [
        {"json": POST},
        {"data": json.dumps(POST), "content_type": "text/plain"},
        {"query_string": POST},
        {"data": "call_id=k1&duration=7", "content_type": "text/plain"},
        {"data": b"\xff\xfe", "content_type": "application/x-www-form-urlencoded"},
        {"data": b""},
    ],
)
def test_any_way_of_writing_it_is_taken(
    client: FlaskClient, address: str, options: dict[str, Any]
) -> None:
    assert client.post(address, **options).status_code == 200
    assert events() == 1


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


def test_far_too_much_is_refused(client: FlaskClient, address: str) -> None:
    assert client.post(address, data={"call_id": "k" * 20_000}).status_code == 413
    assert events() == 0
