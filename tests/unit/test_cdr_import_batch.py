"""A page of records at once makes exactly the rows that the same records make one by one."""

from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select

from crm import calls
from crm.callcenterstudio import CdrRecord
from crm.extensions import db
from crm.models import Agent, Call, CallEvent, Tenant
from tests.unit.calls_world import World, calls_told_of, make_contact, make_world, wire
from tests.unit.import_world import NOW

NOT_COMPARED = {"id", "tenant_id", "agent_id", "created_at", "updated_at"}
KEYS = ("activecallkey", "callkey", "transaction_id")
WHEN = st.sampled_from(
    ["2026-03-02 10:00:00", "2026-03-02 10:05:30", "None", None, "soon", "2099-01-01 00:00:00"]
)
RECORDS = st.fixed_dictionaries(
    {
        "callkey": st.sampled_from(["a", "b", "c", "d", ""]),
        "uniqueid": st.sampled_from(["t", "u", "", None]),
        "recordingurl": st.sampled_from(["https://h.example/recordings/", ""]),
        "activecallkey": st.sampled_from(["x", "y"]),
        "calldate": WHEN,
        "hangupdate": WHEN,
        "talkdate": WHEN,
        "inbound": st.sampled_from([True, False, None]),
        "callerid": st.sampled_from(["05320000001", "90532xxxxxxx", "anonymous", None]),
        "called_num": st.sampled_from(["05070000042", "102"]),
        "answered": st.sampled_from([True, False, None]),
        "duration": st.sampled_from([7, None, "a while"]),
        "disposition": st.sampled_from(["ANSWER", "BUSY", ""]),
        "agentid": st.sampled_from(["ayse@demo.example", " AYSE@Demo.Example", "new@demo.example"]),
        "status": st.sampled_from(["hangup", "talking"]),
    }
)


def records_of(drawn: list[dict[str, Any]], suffix: str) -> list[CdrRecord]:
    found = []
    for one in drawn:
        raw = wire("cdr_record.json") | one
        key = raw.pop("activecallkey")
        raw["recordingurl"] = raw["recordingurl"] and f"{raw['recordingurl']}{key}{suffix}"
        for name in ("callkey", "uniqueid"):
            raw[name] = raw[name] and f"{raw[name]}{suffix}"
        found.append(CdrRecord.parse(raw))
    return found


def twin_of(world: World) -> Tenant:
    """Another tenant whose agents have the same addresses at the vendor."""
    other = db.session.scalars(select(Tenant).where(Tenant.id != world.tenant.id)).one()
    for agent in db.session.scalars(select(Agent).where(Agent.tenant_id == world.tenant.id)):
        copied = {name: getattr(agent, name) for name in ("name", "password_hash", "studio_email")}
        db.session.add(Agent(email=f"twin-{agent.email}", tenant_id=other.id, **copied))
    db.session.commit()
    return other


def outcome(tenant: Tenant, suffix: str) -> list[Any]:
    """The rows of an example with their events, told without ids."""
    statement = select(Call).where(Call.tenant_id == tenant.id)
    rows = [
        call
        for call in db.session.scalars(statement)
        if any((getattr(call, name) or "").endswith(suffix) for name in KEYS)
    ]
    return sorted((_told(call) for call in rows), key=repr)


def _told(call: Call) -> dict[str, Any]:
    columns = {column.key for column in inspect(Call).columns} - NOT_COMPARED
    events = db.session.scalars(select(CallEvent).where(CallEvent.call_id == call.id))
    return {name: getattr(call, name) for name in sorted(columns)} | {
        "agent": call.agent.name if call.agent else None,
        "events": sorted((event.digest, event.occurred_at, event.kind) for event in events),
    }


@pytest.mark.both_databases
def test_a_page_at_once_is_the_same_as_one_by_one(app: Flask, database: str) -> None:
    world = make_world()
    twin = twin_of(world)
    elif_sahin = make_contact()
    make_contact("One of two", "+905070000042")
    make_contact("The other of two", "+905070000042")
    numbers = count()

    @settings(
        max_examples=60 if database == "sqlite" else 15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(first=st.lists(RECORDS, max_size=3), page=st.lists(RECORDS, max_size=8))
    def check(first: list[dict[str, Any]], page: list[dict[str, Any]]) -> None:
        suffix = f"/{next(numbers)}"
        for drawn in (first, page):
            told = records_of(drawn, suffix)
            result = calls.record_cdrs(world.tenant, told, received_at=NOW)
            assert result.new + result.changed + result.known == len(told)
            for one in told:
                calls.record_cdr(twin, one, received_at=NOW)
            db.session.commit()
        assert outcome(world.tenant, suffix) == outcome(twin, suffix)

    check()
    for tenant in (world.tenant, twin):
        theirs = (Call.contact_id == elif_sahin.id, Call.tenant_id == tenant.id)
        ended = db.session.scalars(select(Call.id).where(*theirs, Call.state == "ended")).all()
        assert calls_told_of(elif_sahin, tenant)[0] == len(ended)
