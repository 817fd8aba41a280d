"""Dates of records as anybody may write them, and records whose date nobody can read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from crm import calls, retention
from crm.callcenterstudio.results import CdrRecord
from crm.calls.record_page import record_cdrs
from crm.extensions import db
from crm.models import Call
from crm.models.call import UNDATED
from crm.models.retention import RetentionKind
from tests.unit.calls_world import START, World, after, cdr, local, make_contact, make_world

EPOCH = int(START.timestamp())
READ: list[object] = [
    local(0),
    local(0).replace(" ", "T"),
    EPOCH,
    str(EPOCH),
    float(EPOCH),
    f"{EPOCH}.0",
    EPOCH * 1000,
    str(EPOCH * 1000),
    "2017-08-02T13:41:36Z",
    "2017-08-02 13:41:36 Z",
    "2017-08-02T13:41:36.000Z",
    "2017-08-02T16:41:36+03:00",
    "2017-08-02T16:41:36+0300",
    "2017-08-02 16:41:36 +03:00",
    "2017-08-02T09:41:36-04:00",
]
NOT_READ: list[object] = [
    *("yesterday", "2017-08-02", "02/08/2017 16:41", "16:41:36", "2017-13-40 16:41:36", {}, [1]),
    *(True, -5, 7, 10**20, "1e30", "99999999999999999999", "0001-01-01 00:00:00"),
    *(float("nan"), float("inf"), "2017-08-02T16:41:36+99:00", "9999-12-31T23:59:59-23:59"),
]
NOTHING: list[object] = [None, "", "None", 0, "0"]
ONLY_START = {"talkdate": None, "queuedate": None, "hangupdate": None}


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def recorded(world: World, **changes: Any) -> Call:
    call = calls.record_cdr(world.tenant, cdr(**changes), received_at=after(3600))
    db.session.commit()
    assert call is not None
    return call


@pytest.mark.parametrize("calldate", READ, ids=str)
def test_a_date_is_read_however_it_is_written(world: World, calldate: object) -> None:
    call = recorded(world, calldate=calldate, talkdate=calldate, hangupdate=None)
    assert (call.started_at, call.answered_at, call.ended_at) == (START, START, after(60))
    assert call.record_problems == ""


@pytest.mark.parametrize("calldate", NOT_READ, ids=str)
def test_a_date_that_cannot_be_read_is_told_and_not_guessed(world: World, calldate: object) -> None:
    call = recorded(world, calldate=calldate, **ONLY_START)
    assert (call.started_at, call.answered_at, call.ended_at) == (UNDATED, None, None)
    assert "calldate cannot be read" in call.record_problems
    assert (call.answered, call.talk_seconds, call.agent_id) == (True, 60, world.ayse.id)


@pytest.mark.parametrize("calldate", NOTHING, ids=str)
def test_no_date_is_no_date(world: World, calldate: object) -> None:
    call = recorded(world, calldate=calldate, **ONLY_START)
    assert (call.started_at, call.record_problems) == (UNDATED, "calldate is missing")


def test_the_other_dates_of_a_record_tell_its_start(world: World) -> None:
    assert recorded(world, calldate="?", talkdate=local(9)).started_at == after(0)
    by_end = recorded(world, calldate="?", callkey="b", recordingurl="", uniqueid="b")
    assert by_end.started_at == after(0)


@pytest.mark.both_databases
def test_an_undated_call_is_behind_all_others_and_dated_by_what_comes(world: World) -> None:
    contact = make_contact()
    unreadable = cdr(calldate="?", **ONLY_START)
    dated = cdr(callkey="b", recordingurl="", uniqueid="b", calldate=local(-9999))
    record_cdrs(world.tenant, [unreadable, dated], received_at=after(3600))
    db.session.commit()
    mine = calls.matching(calls.CallFilter(tenant_ids=(world.tenant.id,)))
    assert [call.callkey for call in mine] == ["b", unreadable.callkey]
    assert [call.started_at for call in calls.of_contact(contact.id)][-1] == UNDATED
    call = world.message("IncomingCall", 1, activecallkey=unreadable.activecallkey)
    assert (call.id, call.started_at) == (mine[-1].id, after(1))


@pytest.mark.both_databases
def test_an_undated_call_is_kept_as_long_as_one_of_the_day_it_came(world: World) -> None:
    recorded(world, calldate="?", **ONLY_START)
    retention.set_times({RetentionKind.CALLS: 7})
    db.session.commit()
    now = datetime.now(UTC)
    retention.apply(now=now)
    assert [call.started_at for call in calls.matching(calls.CallFilter())][-1] == UNDATED
    retention.apply(now=now + timedelta(days=8))
    assert calls.matching(calls.CallFilter()) == []


def test_dates_with_and_without_offset_stand_beside_each_other() -> None:
    record = CdrRecord.parse({"calldate": local(0), "hangupdate": "2017-08-02T13:40:00Z"})
    assert record.problems == ()
    record = cdr(calldate=local(0), hangupdate="2017-08-02T13:40:00Z")
    from zoneinfo import ZoneInfo

    from crm.calls.sources import END_BEFORE_START, latest_believed, problems_of

    latest = latest_believed(after(100), ZoneInfo("Europe/Istanbul"))
    assert problems_of(record, latest=latest) == (END_BEFORE_START,)
