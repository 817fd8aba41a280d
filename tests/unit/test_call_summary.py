"""Reports read sums of whole days; they are those of the calls, whatever happens to the calls."""

import importlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Column, delete, func, insert, select, update
from sqlalchemy.sql import visitors

from crm import retention
from crm.calls import reports, summary
from crm.calls.counting import SUMS, counted
from crm.calls.reports import Counts, Period, Report
from crm.extensions import db
from crm.models import (
    Agent,
    Call,
    CallLeg,
    CallState,
    CallSummary,
    ChangedDay,
    Direction,
    RetentionKind,
    SummaryPart,
    Tenant,
)
from crm.worker import schedule
from tests.unit.calls_world import World, make_world

pytestmark = pytest.mark.both_databases
DAY = date(2026, 3, 10)
IN_TIME = 20  # seconds, a new tenant's
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
ZONES = ("Europe/Istanbul", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "UTC")
# Both clock changes of Berlin and New York lie in it.
FIRST, LAST = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC)
AN_ANSWERED_CALL: dict[str, Any] = {
    "direction": Direction.INBOUND,
    "state": CallState.ENDED,
    "answered": True,
    "wait_seconds": 10,
    "talk_seconds": 60,
    "sources": {},
}


@pytest.fixture
def world(app: Flask) -> World:
    world = make_world()
    summarise()
    return world


def summarise() -> None:
    for _left in summary.summarise():
        pass


def add(tenant: Tenant, at: datetime = NOON, **facts: Any) -> int:
    call = Call(tenant_id=tenant.id, started_at=at, **(AN_ANSWERED_CALL | facts))
    db.session.add(call)
    db.session.commit()
    return call.id


def changed_days() -> list[date]:
    return sorted(set(db.session.scalars(select(ChangedDay.day))))


def seen(tenant: Tenant) -> int:
    return reports.report([tenant], MARCH).total.calls


class TestAnyCalls:
    """Random calls, changed at random: both ways of counting, and a third by hand."""

    @pytest.mark.parametrize("seed", range(3))
    def test_the_summary_and_the_calls_give_the_same_figures(self, world: World, seed: int) -> None:
        chance = random.Random(seed)
        tenants = list(db.session.scalars(select(Tenant).order_by(Tenant.id)))
        for _step in range(5):
            for tenant in tenants:
                if chance.random() < 0.3:
                    tenant.timezone = chance.choice(ZONES)
            db.session.commit()
            change_some(chance, world, tenants)
            if chance.random() < 0.7:
                days = summary.summarise()
                for _day in range(chance.choice((1, 3, 1000))):
                    next(days, None)
            some = chance.sample(tenants, chance.randint(1, len(tenants)))
            period = a_period(chance)
            mixed = reports.report(some, period)
            assert mixed == by_hand(some, period, mixed)
            if chance.random() < 0.3:
                summary.mark_all_changed()
                db.session.commit()
                assert reports.report(some, period) == mixed
            summarise()
            assert changed_days() == []
            assert reports.report(some, period) == mixed


def change_some(chance: random.Random, world: World, tenants: list[Tenant]) -> None:
    """As an import, a fold, a merge and a deletion do it."""
    rows = [some_call(chance, world, chance.choice(tenants)) for _ in range(chance.randint(1, 40))]
    db.session.execute(insert(Call), rows)
    ids = list(db.session.scalars(select(Call.id)))
    for call in db.session.scalars(select(Call).where(Call.id.in_(chance.sample(ids, 3)))):
        facts = some_call(chance, world, chance.choice(tenants))
        for name in chance.sample([*facts], 4):
            setattr(call, name, facts[name])
    several = chance.sample(ids, min(len(ids), 4))
    for call_id in several:
        call = db.session.get_one(Call, call_id)
        call.leg_count = 2
        for place in range(2):
            db.session.add(
                CallLeg(
                    call_id=call.id,
                    tenant_id=call.tenant_id,
                    place=place,
                    started_at=call.started_at,
                    agent_id=chance.choice((None, world.ayse.id, world.mehmet.id)),
                    agent_name=chance.choice(("", "somebody@else")),
                    answered=chance.choice((None, True, False)),
                    talk_seconds=chance.choice((None, 7)),
                )
            )
    db.session.flush()
    onto = db.session.scalar(select(CallLeg.id).limit(1).offset(chance.randint(0, 3)))
    moved = update(CallLeg).where(CallLeg.id == onto).values(call_id=several[0])
    db.session.execute(moved.execution_options(synchronize_session=False))
    gone = chance.sample(ids, min(len(ids), 2))
    for table, key in ((CallLeg, CallLeg.call_id), (Call, Call.id)):
        # One that the world's own calls need not.
        free = key.in_(gone) & key.not_in(select(Call.id).where(Call.activecallkey.is_not(None)))
        db.session.execute(delete(table).where(free))
    db.session.commit()


def some_call(chance: random.Random, world: World, tenant: Tenant) -> dict[str, Any]:
    minutes = chance.randint(0, int((LAST - FIRST).total_seconds()) // 60)
    at = FIRST + timedelta(minutes=minutes)
    if chance.random() < 0.5:  # near an edge of a day, or of the clock
        at = at.replace(hour=chance.choice((0, 1, 18, 21, 23)), minute=chance.choice((0, 14, 59)))
        at += timedelta(seconds=chance.choice((0, 59.9999)))
    return {
        "tenant_id": tenant.id,
        "started_at": at,
        "direction": chance.choice(
            (Direction.INBOUND, Direction.INBOUND, Direction.OUTBOUND, None)
        ),
        "state": chance.choice((CallState.ENDED,) * 5 + (CallState.TALKING,)),
        "answered": chance.choice((True, False, None)),
        "abandoned": chance.choice((True, False, None)),
        "dial_problem": chance.choice(("",) * 5 + ("refused",)),
        "wait_seconds": chance.choice((None, 0, chance.randint(1, 99))),
        "talk_seconds": chance.choice((None, 0, chance.randint(1, 999))),
        "agent_id": chance.choice((None, world.ayse.id, world.mehmet.id)),
        "agent_name": chance.choice(("", "somebody@else")),
        "queue": chance.choice(("", "Sales", "Support")),
        "sources": {},
    }


def a_period(chance: random.Random) -> Period:
    first = date(2026, 2, 20) + timedelta(days=chance.randint(0, 260))
    return Period(first, first + timedelta(days=chance.choice((0, 1, 6, 30, 364))))


def by_hand(tenants: list[Tenant], period: Period, like: Report) -> Report:
    """The same figures, added up call by call."""
    of_day: dict[date, list[Any]] = defaultdict(list)
    of_hour: dict[int, list[Any]] = defaultdict(list)
    of_agent: dict[Any, list[Any]] = defaultdict(list)
    of_queue: dict[Any, list[Any]] = defaultdict(list)
    names = {agent.id: agent.name for agent in db.session.scalars(select(Agent))}
    before: list[Any] = []
    shared = False
    for tenant in tenants:
        zone = ZoneInfo(tenant.timezone)
        for call in db.session.scalars(select(Call).where(Call.tenant_id == tenant.id)):
            local = call.started_at.astimezone(zone)
            known = call.direction is Direction.OUTBOUND or (
                call.direction is Direction.INBOUND and call.answered is not None
            )
            if not known or call.state is not CallState.ENDED or call.dial_problem:
                continue
            of = (call.direction, call)
            if period.before().first <= local.date() <= period.before().last:
                before.append(of)
            if not period.first <= local.date() <= period.last:
                continue
            of_day[local.date()].append(of)
            of_hour[local.hour].append(of)
            of_queue[call.queue, tenant.name].append(of)
            shared |= call.leg_count > 0
            legs = db.session.scalars(select(CallLeg).where(CallLeg.call_id == call.id))
            for one in legs if call.leg_count else [call]:
                if one is call or call.direction is Direction.OUTBOUND or one.answered is not None:
                    name = one.agent_name if one.agent_id is None else names[one.agent_id]
                    of_agent[name, tenant.name].append((call.direction, one))
    agents = {key: added_up(calls) for key, calls in of_agent.items()}
    queues = {key: added_up(calls) for key, calls in of_queue.items()}
    for found, mine in ((like.agents, agents), (like.queues, queues)):
        assert {(one.name, one.tenant): one.counts for one in found} == mine
    return Report(
        total=added_up([one for calls in of_day.values() for one in calls]),
        before=added_up(before),
        days=[(day, added_up(of_day[day])) for day in period],
        hours=[(hour, added_up(of_hour[hour])) for hour in range(24)],
        agents=like.agents,
        queues=like.queues,
        shared=shared,
    )


def added_up(calls: Iterable[tuple[Direction, Any]]) -> Counts:
    counts = dict.fromkeys(SUMS, 0)
    for direction, one in calls:
        inbound = direction is Direction.INBOUND
        counts["answered"] += inbound and one.answered is True
        waited = one.wait_seconds
        counts["in_time"] += bool(
            inbound and one.answered and waited is not None and waited <= IN_TIME
        )
        counts["missed"] += inbound and one.answered is False
        counts["abandoned"] += inbound and one.answered is False and one.abandoned is True
        counts["outbound"] += not inbound
        counts["reached"] += not inbound and one.answered is True
        counts["waited"] += inbound and one.wait_seconds is not None
        counts["wait_seconds"] += (one.wait_seconds or 0) if inbound else 0
        counts["talk_seconds"] += one.talk_seconds or 0
    return Counts(**counts)


def test_a_report_reads_whole_days_from_the_summary(world: World) -> None:
    add(world.tenant, queue="Support", agent_id=world.ayse.id)
    summarise()
    db.session.execute(update(CallSummary).values(answered=5))
    db.session.commit()
    report = reports.report([world.tenant], MARCH)
    shown = [report.total, dict(report.days)[DAY], report.agents[0].counts, report.queues[0].counts]
    assert [counts.answered for counts in shown] == [5, 5, 5, 5]


CHANGES: dict[str, Any] = {
    "started_at": NOON + timedelta(days=2),
    "state": CallState.TALKING,
    "direction": Direction.OUTBOUND,
    "answered": False,
    "dial_problem": "refused",
    "leg_count": 2,
    "agent_id": None,
    "agent_name": "somebody@else",
    "queue": "Sales",
    "abandoned": True,
    "wait_seconds": None,
    "talk_seconds": 61,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_what_counts_marks_its_days(world: World, name: str) -> None:
    call_id = add(world.tenant, agent_id=world.ayse.id)
    summarise()
    setattr(db.session.get_one(Call, call_id), name, CHANGES[name])
    db.session.commit()
    moved_to = [DAY + timedelta(days=2)] if name == "started_at" else []
    assert changed_days() == [DAY, *moved_to]


def test_other_changes_mark_nothing(world: World) -> None:
    call_id = add(world.tenant)
    summarise()
    call = db.session.get_one(Call, call_id)
    call.note, call.contact_name, call.queue = "a note", "Elif", ""
    db.session.commit()
    assert changed_days() == []


def test_every_column_that_is_counted_is_watched() -> None:
    watched = importlib.import_module("crm.migrations.versions.0020_call_summary").TABLES
    read: dict[str, set[str]] = defaultdict(set)
    for part in SummaryPart:
        for query in counted(part, 1, NOON, NOON, in_time=20):
            for element in visitors.iterate(query):
                if isinstance(element, Column):
                    read[element.table.name].add(element.name)
    keys = {"id"}
    assert {table: set(columns) for table, columns in watched.items()} == {
        table: columns - keys for table, columns in read.items()
    }


def test_a_leg_marks_the_day_of_its_call(world: World) -> None:
    call_id = add(world.tenant, leg_count=1)
    other_id = add(world.tenant, NOON + timedelta(days=3), leg_count=1)

    def marked_by(change: Callable[[], object]) -> list[date]:
        summarise()
        change()
        db.session.commit()
        return changed_days()

    leg = CallLeg(call_id=call_id, tenant_id=world.tenant.id, place=0, started_at=NOON)
    assert marked_by(lambda: db.session.add(leg)) == [DAY]
    assert marked_by(lambda: setattr(leg, "talk_seconds", 5)) == [DAY]
    assert marked_by(lambda: setattr(leg, "callkey", "k")) == []
    both = [DAY, DAY + timedelta(days=3)]
    assert marked_by(lambda: setattr(leg, "call_id", other_id)) == both
    assert marked_by(lambda: db.session.delete(leg)) == both[1:]


def test_deleted_calls_are_in_no_report(world: World) -> None:
    add(world.tenant)
    summarise()
    retention.set_times({RetentionKind.CALLS: 7})
    db.session.commit()
    retention.apply(now=NOON + timedelta(days=100))
    assert seen(world.tenant) == 0
    summarise()
    assert seen(world.tenant) == 0
    assert db.session.scalar(select(func.count()).select_from(CallSummary)) == 0


def test_a_call_without_its_events_is_counted_as_before(world: World) -> None:
    call_id = add(world.tenant)
    summarise()
    db.session.get_one(Call, call_id).archived_at = NOON
    db.session.commit()
    assert (changed_days(), seen(world.tenant)) == ([], 1)


def test_a_change_that_is_committed_while_its_day_is_summed_up_leaves_a_mark(
    world: World, database: str
) -> None:
    call_id = add(world.tenant)
    if database == "sqlite":  # there the day's sums are made under the write lock
        return
    summarise()
    engine = db.engine
    late = update(Call).where(Call.id == call_id).values(queue="Late")
    db.session.execute(update(Call).where(Call.id == call_id).values(queue="Early"))
    db.session.commit()
    with engine.connect() as other:
        other.execute(late)  # not committed yet
        summarise()
        assert queues_of(world) == ["Early"]
        other.commit()
    assert queues_of(world) == ["Late"]
    assert changed_days() == [DAY]
    summarise()
    assert queues_of(world) == ["Late"]


def queues_of(world: World) -> list[str]:
    db.session.rollback()
    return [queue.name for queue in reports.report([world.tenant], MARCH).queues]


def test_writers_of_one_day_do_not_wait_for_each_other(world: World, database: str) -> None:
    if database == "sqlite":  # one writer at a time
        return
    ids = [add(world.tenant), add(world.tenant)]
    tenant_id = world.tenant.id
    with db.engine.connect() as one, db.engine.connect() as other:
        for connection, call_id in zip((one, other), ids, strict=True):
            connection.exec_driver_sql("SET lock_timeout = '500ms'")
            connection.execute(update(Call).where(Call.id == call_id).values(queue="Sales"))
        # A worker in the middle of this day, and a new call meanwhile.
        summary._summarise_day(tenant_id, DAY)
        row = AN_ANSWERED_CALL | {"tenant_id": tenant_id, "started_at": NOON}
        other.execute(insert(Call), [row])
        db.session.commit()
        one.commit()
        other.commit()
    assert seen(world.tenant) == 3


class TestWhoMakesTheSums:
    def test_the_worker_does_every_minute_at_most(self, world: World) -> None:
        add(world.tenant)
        again_after = schedule.summarise("calls", no_client)
        assert again_after is not None
        assert again_after >= 60
        assert (changed_days(), seen(world.tenant)) == ([], 1)

    def test_the_worker_goes_on_at_once_when_its_time_was_too_short(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(3):
            add(world.tenant, NOON + timedelta(days=number))
        monkeypatch.setattr(schedule, "SECONDS_OF_SUMMARISING", 0.0)
        assert schedule.summarise("calls", no_client) == 0
        assert changed_days() == [DAY, DAY + timedelta(days=1)]  # the newest is done

    def test_the_command_makes_all_of_them_again(self, world: World, app: Flask) -> None:
        add(world.tenant)
        summarise()
        db.session.execute(update(CallSummary).values(answered=5))
        db.session.commit()
        told = app.test_cli_runner().invoke(args=["calls", "summarise"])
        assert "days are summarised" in told.output
        db.session.rollback()
        assert seen(world.tenant) == 1


def no_client(tenant: Tenant) -> Any:
    raise AssertionError("nobody is asked here")
