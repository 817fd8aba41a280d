"""Who waits to be called back: a missed call, until somebody talks with the number or is done."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from crm import calls
from crm.callcenterstudio.results import ActiveCall, CdrRecord
from crm.calls import missed
from crm.calls.missed import Done, done_by, mark_done, undo
from crm.extensions import db
from crm.models import Call, Tenant
from tests.unit.calls_world import KEY, World, after, cdr, local, make_world

pytestmark = pytest.mark.both_databases
SOON = after(3600)
NOBODY_ANSWERED: dict[str, Any] = {
    "uniqueid": "",
    "recordingurl": "",
    "talkdate": None,
    "answered": False,
    "duration": None,
    "waitduration": 30,
    "disposition": "NOANSWER",
}


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def record(world: World, number: int = 0, at: int = 0, **changes: Any) -> Call:
    """A call that nobody answered, `at` seconds after the first; each has keys of its own."""
    key = f"{KEY}-{number}-{at}"
    told = NOBODY_ANSWERED | {
        "callkey": f"callkey {key}",
        "calldate": local(at),
        "hangupdate": local(at + 30),
        "callerid": f"053200000{number:02}",
    }
    call = calls.record_cdr(world.tenant, CdrRecord.parse(dict(cdr().raw) | told | changes))
    assert call is not None
    db.session.commit()
    return call


def answered(world: World, number: int = 0, at: int = 0, **changes: Any) -> Call:
    return record(world, number, at, answered=True, duration=60, disposition="ANSWER", **changes)


def called_back(world: World, number: int = 0, at: int = 0, **changes: Any) -> Call:
    """A call from here that was not reached."""
    return record(
        world,
        number,
        at,
        **{
            "inbound": False,
            "callerid": "908500000010",
            "called_num": f"053200000{number:02}",
            "answered": None,
            **changes,
        },
    )


def waiting(world: World) -> list[missed.WaitingCaller]:
    return missed.waiting([world.tenant.id], now=SOON)


def count(world: World) -> int:
    return missed.count_waiting([world.tenant.id], now=SOON)


def test_a_caller_waits_once_however_often_they_called(world: World) -> None:
    record(world, 1, 0, waitduration=100)
    newest = record(world, 1, 600, waitduration=12, queue="Sales")
    record(world, 2, 300)
    first, second = waiting(world)
    assert (first.newest.id, first.times, first.first_at) == (newest.id, 2, after(0))
    assert (first.longest_wait, first.newest.wait_seconds) == (100, 12)
    assert first.queues == ("Sales", "Support")
    assert second.times == 1
    assert count(world) == 2


@pytest.mark.parametrize("outbound", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_a_later_talk_clears_it_in_whatever_order_they_are_told(
    world: World, outbound: bool, late: bool
) -> None:
    ours = {"inbound": False, "callerid": "908500000010", "called_num": "05320000001"}
    talk: dict[str, Any] = {"at": 600, **(ours if outbound else {})}
    if late:
        answered(world, 1, **talk)
    record(world, 1)
    if not late:
        answered(world, 1, **talk)
    assert (count(world), waiting(world)) == (0, [])


def test_an_earlier_talk_does_not_clear_it(world: World) -> None:
    answered(world, 1, 0)
    record(world, 1, 600)
    assert count(world) == 1


def test_a_talk_that_goes_on_clears_it(world: World) -> None:
    record(world, 1, 0)
    world.dials(cid="back", number="+905320000001")
    assert count(world) == 1
    world.message("Dial", 700, cid="back", number="05320000001")
    world.message("Talking", 710, cid="back")
    # The dial's own time counts, which this world puts before the missed call.
    assert count(world) == 1
    world.rings(720, cid="again", number="05320000001", activecallkey="again")
    world.message("Talking", 730, cid="again")
    assert count(world) == 0


def test_a_talk_at_another_tenant_clears_nothing(world: World) -> None:
    record(world, 1, 0)
    second = db.session.scalars(select(Tenant).filter_by(name="second")).one()
    answered(World(second, world.ayse, world.ayse), 1, 600)
    assert count(world) == 1


def test_a_call_that_one_of_two_agents_answered_was_not_missed(world: World) -> None:
    world.rings(0)
    world.rings(0, agent=world.mehmet, cid="m1")
    world.message("Hangup", 10, activecallkey=KEY)
    world.message("Talking", 11, agent=world.mehmet, cid="m1")
    world.message("Hangup", 40, agent=world.mehmet, cid="m1", activecallkey=KEY)
    assert count(world) == 0


def test_a_ring_that_nobody_answers_counts_when_it_has_ended(world: World) -> None:
    world.rings(0)
    assert count(world) == 0
    world.message("Hangup", 10, activecallkey=KEY)
    assert count(world) == 1


def test_callers_without_a_number_are_one_with_each_call(world: World) -> None:
    for at in (0, 60):
        record(world, 1, at, callerid="anonymous")
    assert [(one.times, one.newest.caller_kind) for one in waiting(world)] == [
        (1, "anonymous"),
        (1, "anonymous"),
    ]
    assert count(world) == 2


def test_a_masked_number_stays_apart_from_the_same_number_shown(world: World) -> None:
    record(world, 1, 0)
    world.rings(60, cid="masked", number="90532xxxxxxx", activecallkey="masked")
    calls.record_active_call(
        tenant_id=world.tenant.id,
        agent_id=world.ayse.id,
        active=ActiveCall.parse({"key": "masked", "callerid": "05320000001", "inbound": True}),
        at=after(61),
    )
    world.message("Hangup", 70, cid="masked", activecallkey="masked")
    assert [(one.times, one.newest.shown_number) for one in waiting(world)] == [
        (1, None),
        (1, "+905320000001"),
    ]


def test_an_unanswered_call_back_does_not_clear_it_but_is_told(world: World) -> None:
    record(world, 1, 0)
    called_back(world, 1, 600)
    last = called_back(world, 1, 900, disposition="BUSY")
    (caller,) = waiting(world)
    assert caller.called_back is not None
    assert (caller.called_back.id, calls.result_of(caller.called_back)) == (last.id, "busy")


def test_a_call_back_before_the_first_missed_call_is_none(world: World) -> None:
    called_back(world, 1, 0)
    record(world, 1, 600)
    (caller,) = waiting(world)
    assert caller.called_back is None


def test_what_is_older_than_thirty_days_waits_no_more(world: World) -> None:
    record(world, 1, 0)
    month_later = after(0) + missed.COUNTS_FOR + timedelta(seconds=1)
    assert missed.count_waiting([world.tenant.id], now=month_later) == 0
    assert missed.waiting([world.tenant.id], now=month_later) == []


def test_pages_go_by_key(world: World) -> None:
    for number in range(5):
        record(world, number, at=60 * (number // 2))  # two of them at the same moment
    first = missed.waiting([world.tenant.id], now=SOON, limit=2)
    place = first[-1].cursor
    rest = missed.waiting([world.tenant.id], now=SOON, before=place)
    seen = [one.newest.id for one in [*first, *rest]]
    assert seen == [one.newest.id for one in waiting(world)]
    assert len(set(seen)) == 5


def test_done_marks_what_was_seen_and_leaves_what_came_meanwhile(world: World) -> None:
    record(world, 1, 0)
    seen = record(world, 1, 60)
    meanwhile = record(world, 1, 120)
    record(world, 2, 0)
    mark_done(seen, world.ayse.id, at=after(130))
    db.session.commit()
    assert {one.newest.id: one.times for one in waiting(world)}[meanwhile.id] == 1
    assert count(world) == 2


def test_the_first_to_be_done_stands(world: World) -> None:
    call = record(world, 1, 0)
    for agent, at in ((world.mehmet, 60), (world.ayse, 61), (world.mehmet, 62)):
        told = mark_done(call, agent.id, at=after(at))
        db.session.commit()
        assert told == Done(world.mehmet.id, "Mehmet", after(60))
    assert count(world) == 0


def test_done_is_taken_back_for_the_calls_that_it_was_for(world: World) -> None:
    earlier = record(world, 1, 0)
    mark_done(earlier, world.mehmet.id, at=after(30))
    seen = [record(world, 1, at) for at in (60, 70, 80)]
    mark_done(seen[-1], world.ayse.id, at=after(130))
    db.session.commit()
    assert count(world) == 0
    assert undo(seen[-1], world.ayse.id, at=after(140)) == 3
    db.session.commit()
    assert [one.times for one in waiting(world)] == [3]
    assert undo(seen[-1], world.ayse.id, at=after(150)) == 0
    history = {event.kind for event in calls.events_of_call(seen[-1].id)}
    assert history == {"cdr", "missed_done", "missed_undone"}
    # Done again, and taken back again.
    for turn in range(2):
        told = mark_done(seen[-1], world.mehmet.id, at=after(200 + turn))
        assert told == Done(world.mehmet.id, "Mehmet", after(200 + turn))
        assert undo(seen[-1], world.mehmet.id, at=after(200.5 + turn)) == 3
        db.session.commit()
        assert done_by(seen[-1]) is None
        assert [one.times for one in waiting(world)] == [3]


def test_a_caller_without_a_number_comes_back_alone(world: World) -> None:
    both = [record(world, 1, at, callerid="anonymous") for at in (0, 60)]
    for call in both:
        mark_done(call, world.ayse.id, at=after(90))
    assert undo(both[1], world.ayse.id, at=after(100)) == 1
    db.session.commit()
    assert [one.newest.id for one in waiting(world)] == [both[1].id]


def test_a_call_that_was_answered_cannot_be_done(world: World) -> None:
    call = answered(world, 1, 0)
    assert mark_done(call, world.ayse.id, at=after(60)) is None
    assert not call.missed_done


def test_rows_that_are_joined_stay_done(world: World) -> None:
    ring = world.rings(0)
    world.message("Hangup", 10, activecallkey=KEY)
    by_dates = record(world, 1, 0, callkey="the-callkey")
    assert count(world) == 1  # one number
    mark_done(by_dates, world.ayse.id, at=after(20))
    db.session.commit()
    told = CdrRecord.parse(dict(cdr().raw) | NOBODY_ANSWERED | {"callkey": "the-callkey"})
    call = calls.record_cdr(world.tenant, told, asked_for={"activecallkey": KEY})
    db.session.commit()
    assert call is not None
    assert call.id == ring.id
    assert call.missed_done
    assert count(world) == 0


def test_a_call_back_is_tied_to_the_missed_call(world: World) -> None:
    call = record(world, 1, 0)
    back = world.dials(number="+905320000001", callback_of=call.id)
    assert back.callback_of_id == call.id
    world.message("Hangup", 20, cid="d1")
    assert db.session.get_one(Call, back.id).callback_of_id == call.id


def test_who_is_calling_back_at_this_moment_is_known(world: World) -> None:
    call = record(world, 1, -60)
    assert missed.being_called_back(call, now=after(10)) is None
    back = world.dials(number="+905320000001", callback_of=call.id)
    assert missed.being_called_back(call, now=after(10)) == back
    assert missed.being_called_back(call, now=after(600)) is None  # its end was lost
    world.message("Dial", 0, cid="d1", number="05320000001")
    world.message("Hangup", 9, cid="d1")
    assert missed.being_called_back(call, now=after(10)) is None


def test_an_erased_call_waits_for_nobody(world: World) -> None:
    call = record(world, 1, 0)
    call.erased_at = after(60)
    db.session.commit()
    assert count(world) == 0


def test_the_badge_asks_its_own_indexes(world: World, database: str) -> None:
    """SQLite tells before it has statistics what it would do with a million calls."""
    if database != "sqlite":
        return
    asked: list[tuple[str, Any]] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def _keep(_connection: Any, _cursor: Any, sql: str, told: Any, *_rest: Any) -> None:
        asked.append((sql, told))

    assert count(world) == 0
    sql, told = asked[-1]
    with db.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", told).all()
    steps = " ".join(row[3] for row in plan)
    assert "ix_call_missed" in steps
    assert "ix_call_answered (tenant_id=? AND normal_form=? AND caller_kind=?" in steps
    # By contact: the index by tenant would lead through all later calls of the tenant.
    assert "ix_call_contact_id_started_at_id" in steps
