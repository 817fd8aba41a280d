"""Retention: what is shown goes, what is left stays as it was, and late events blank no row."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from crm import calls, retention
from crm.extensions import db
from crm.models import Call, CallCard, CallEvent, JoinedCall, Listen, RetentionKind, utc_now
from tests.unit.calls_world import (
    KEY,
    START,
    World,
    active,
    after,
    calls_told_of,
    cdr,
    make_contact,
    make_world,
)

NOW = START + timedelta(days=40)
RECENT = 35 * 86_400  # seconds after START: five days before NOW


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def a_call(world: World, key: str = KEY, at: float = 0) -> Call:
    """A call with all there is about it, ended 69 seconds after `at`."""
    cid = f"c-{key}"
    world.rings(at, cid=cid, activecallkey=key)
    world.message("Talking", at + 9, cid=cid)
    call = world.message("Hangup", at + 69, cid=cid, activecallkey=key)
    calls.record_wrap_up(call, world.ayse.id, note="tea", outcome="sale", at=after(at + 70))
    db.session.add(Listen(call_id=call.id, agent_name="Ayşe", listened_at=after(at + 90)))
    db.session.add(JoinedCall(old_id=1000 + call.id, call_id=call.id))
    db.session.commit()
    return call


def row_of(call: Call) -> dict[str, Any]:
    db.session.refresh(call)
    skipped = {"updated_at", "archived_at"}
    return {
        column.key: getattr(call, column.key)
        for column in inspect(Call).columns
        if column.key not in skipped
    }


def apply(days: dict[RetentionKind, int | None], now: datetime = NOW) -> dict[RetentionKind, int]:
    retention.set_times(days)
    db.session.commit()
    shown = {going.kind: going.count for going in retention.what_would_go(days, now=now)}
    deleted = retention.apply(now=now)
    assert deleted == shown
    db.session.expire_all()
    return deleted


def count(table: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.both_databases
def test_events_go_and_their_rows_stay_as_they_are(world: World) -> None:
    old, new = a_call(world), a_call(world, "new", RECENT)
    before = row_of(old)
    noise = 1  # of the other tenant, as old as ours
    assert apply({RetentionKind.EVENTS: 30}) == {RetentionKind.EVENTS: 5 + noise}
    assert row_of(old) == before
    assert old.archived_at == NOW
    assert new.archived_at is None
    assert len(calls.events_of_call(new.id)) == 5
    assert apply({RetentionKind.EVENTS: 30}) == {RetentionKind.EVENTS: 0}


@pytest.mark.both_databases
def test_what_comes_later_does_not_blank_a_row_without_events(world: World) -> None:
    old = a_call(world)
    apply({RetentionKind.EVENTS: 30})
    before = row_of(old)
    calls.record_active_call(
        tenant_id=world.tenant.id, agent_id=world.ayse.id, active=active(), at=NOW
    )
    calls.record_cdr(world.tenant, cdr(duration=None, answered=False), received_at=NOW)
    db.session.commit()
    assert row_of(old) == before | {"callkey": old.callkey, "transaction_id": old.transaction_id}
    assert old.callkey is not None
    calls.record_wrap_up(old, world.ayse.id, note="coffee", at=NOW)
    db.session.commit()
    assert (row_of(old)["note"], old.talk_seconds, old.outcome) == ("coffee", 60, "sale")


def test_a_row_without_events_that_is_joined_into_another_keeps_what_it_knew(world: World) -> None:
    imported = calls.record_cdr(world.tenant, cdr(callkey="ck", recordingurl="", duration=1))
    assert imported is not None
    old = a_call(world)
    db.session.execute(CallEvent.__table__.delete().where(CallEvent.call_id == old.id))
    old.archived_at = NOW
    db.session.commit()
    record = cdr(callkey="ck", recordingurl="", duration=1)
    call = calls.record_cdr(world.tenant, record, asked_for={"activecallkey": KEY})
    assert call is not None
    assert (call.id, call.activecallkey, call.note, call.talk_seconds) == (
        imported.id,
        KEY,
        "tea",
        60,
    )


@pytest.mark.both_databases
def test_calls_go_with_all_that_hangs_on_them(world: World) -> None:
    elif_ = make_contact()
    a_call(world)
    new = a_call(world, "new", RECENT)
    assert calls_told_of(elif_)[0] == 2
    assert apply({RetentionKind.CALLS: 30}) == {
        RetentionKind.CALLS: 2
    }  # the other tenant's as well
    assert db.session.scalars(select(Call.id)).all() == [new.id]
    assert [count(table) for table in (CallEvent, CallCard, JoinedCall, Listen)] == [5, 1, 1, 1]
    assert calls_told_of(elif_)[:2] == (1, new.started_at)


def test_who_listened_goes_by_its_own_time(world: World) -> None:
    a_call(world)
    a_call(world, "new", RECENT)
    assert apply({RetentionKind.LISTENS: 30}) == {RetentionKind.LISTENS: 1}
    assert (count(Call), count(Listen)) == (3, 1)
    run = retention.last_runs()[RetentionKind.LISTENS]
    assert (run.at, run.deleted) == (NOW, 1)


def test_a_post_that_named_no_call_goes_too(world: World) -> None:
    calls.record_hangup(world.tenant, {"duration": "7"})
    db.session.commit()
    gone = apply({RetentionKind.EVENTS: 30}, now=utc_now() + timedelta(days=31))
    assert (gone[RetentionKind.EVENTS], count(CallEvent)) == (2, 0)


def test_more_than_one_piece_is_deleted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(5):
        a_call(world, f"k{number}", number * 100)
    assert apply({RetentionKind.EVENTS: 30}) == {RetentionKind.EVENTS: 26}
    assert apply({RetentionKind.EVENTS: None, RetentionKind.LISTENS: 30}) == {
        RetentionKind.LISTENS: 5
    }
    assert apply({RetentionKind.LISTENS: None, RetentionKind.CALLS: 30}) == {RetentionKind.CALLS: 6}


def test_without_a_time_everything_is_kept_for_ever(world: World) -> None:
    a_call(world)
    assert retention.times() == dict.fromkeys(RetentionKind)
    assert retention.apply(now=NOW + timedelta(days=10_000)) == {}
    retention.set_times({RetentionKind.CALLS: 30})
    retention.set_times({RetentionKind.CALLS: None})
    assert retention.times() == dict.fromkeys(RetentionKind)
    for days in (0, 6, 40_000):
        with pytest.raises(ValueError, match="days"):
            retention.set_times({RetentionKind.CALLS: days})
