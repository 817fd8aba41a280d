"""What the worker does by the clock: asked for once, done again and again, switched off and on."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from crm.background import enqueue
from crm.extensions import db
from crm.models import CdrImport, ImportKind, ImportState, Tenant, Work, WorkState, utc_now
from crm.telephony import reconciliation
from crm.telephony.import_runs import RECONCILE_CDRS
from crm.telephony.records import COMPLETE_CALL
from crm.worker import schedule
from crm.worker.work import run_work, take_due
from tests.unit.calls_world import World, make_world

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def world(app: Flask) -> World:
    world = make_world()
    world.tenant.app_token_sealed = "sealed"
    db.session.commit()
    return world


def no_client(tenant: Tenant) -> None:
    raise AssertionError("nobody is asked here")


def of_kind(kind: str) -> list[Work]:
    return list(db.session.scalars(select(Work).where(Work.kind == kind).order_by(Work.id)))


def runs(kind: ImportKind = ImportKind.RECONCILIATION) -> list[CdrImport]:
    statement = select(CdrImport).where(CdrImport.kind == kind).order_by(CdrImport.id)
    return list(db.session.scalars(statement))


def begin(world: World, now: datetime) -> bool:
    return reconciliation.begin(world.tenant.id, ImportKind.RECONCILIATION, now)


def reconcile(world: World, now: datetime) -> CdrImport:
    """One reconciliation that is done at once."""
    assert begin(world, now)
    run = runs()[-1]
    run.state, run.started_at = ImportState.DONE, now
    db.session.commit()
    return run


@pytest.mark.both_databases
def test_the_schedule_is_written_down_once(world: World) -> None:
    for _again in range(3):
        schedule.ensure(NOW)
    (now, night) = of_kind(schedule.RECONCILE), of_kind(schedule.RECONCILE_NIGHTLY)
    assert [(work.subject, work.next_try_at) for work in now] == [(str(world.tenant.id), NOW)]
    # Half past two in Istanbul.
    assert [work.next_try_at for work in night] == [datetime(2026, 3, 20, 23, 30, tzinfo=UTC)]
    assert {work.subject for work in of_kind(schedule.AT_NIGHT)} == set(schedule.NIGHTLY)


@pytest.mark.both_databases
def test_a_reconciliation_begins_an_import_and_comes_again_in_minutes(world: World) -> None:
    now = utc_now()
    schedule.ensure(now)
    (taken,) = take_due(now=now)
    assert run_work(taken, client_for=no_client, clock=lambda: now) is WorkState.WAITING  # type: ignore[arg-type]
    (work,) = of_kind(schedule.RECONCILE)
    assert work.next_try_at == now + timedelta(minutes=5)
    (run,) = runs()
    assert run.finish_local - run.start_local >= timedelta(hours=6)
    assert [one.subject for one in of_kind(RECONCILE_CDRS)] == [str(run.id)]


def test_while_one_is_being_read_no_second_one_begins(world: World) -> None:
    for minutes in (0, 5, 10):
        assert begin(world, NOW + timedelta(minutes=minutes))
    assert len(runs()) == 1


def test_after_an_outage_it_reaches_back_to_before_the_last_one(world: World) -> None:
    reconcile(world, NOW)
    run = reconcile(world, NOW + timedelta(hours=30))
    assert run.finish_local - run.start_local == timedelta(hours=35)


def test_switched_off_or_without_a_token_nothing_is_read(world: World) -> None:
    world.tenant.reconcile = False
    db.session.commit()
    schedule.ensure(NOW)
    assert of_kind(schedule.RECONCILE) == []
    assert not begin(world, NOW)
    world.tenant.reconcile, world.tenant.app_token_sealed = True, None
    assert not begin(world, NOW)


def test_old_readings_are_forgotten_and_the_last_done_one_is_kept(world: World) -> None:
    done = reconcile(world, NOW)
    for place in range(reconciliation.RUNS_KEPT + 5):
        run = reconcile(world, NOW + timedelta(minutes=5 * place))
        run.state = ImportState.FAILED
        db.session.commit()
    begin(world, NOW + timedelta(hours=9))
    db.session.commit()
    left = runs()
    assert len(left) == reconciliation.RUNS_KEPT + 2
    assert left[0].id == done.id


@pytest.mark.parametrize(
    ("now", "start", "finish"),
    [
        # 25 October 2026 in Berlin: at 01:00 UTC the clock is put back from three to two.
        ("2026-10-25T03:30", "2026-10-24T22:30", "2026-10-25T05:30"),
        ("2026-10-25T00:30", "2026-10-24T19:30", "2026-10-25T03:30"),
        ("2026-10-26T12:00", "2026-10-26T07:00", "2026-10-26T13:00"),
        # 29 March 2026: at 01:00 UTC it is put forward.
        ("2026-03-29T02:00", "2026-03-28T20:00", "2026-03-29T05:00"),
    ],
)
def test_around_a_clock_change_the_window_is_an_hour_wider(
    now: str, start: str, finish: str
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    window = reconciliation.window(at - timedelta(hours=6), at, "Europe/Berlin")
    assert window == (datetime.fromisoformat(start), datetime.fromisoformat(finish))


def test_the_night_deletes_work_that_was_done_long_ago(world: World) -> None:
    for subject, days in (("old", 8), ("new", 6)):
        work = enqueue(COMPLETE_CALL, subject)
        work.state, work.updated_at = WorkState.DONE, utc_now() - timedelta(days)
    db.session.commit()
    assert schedule.at_night("delete_done_work", no_client) is not None  # type: ignore[arg-type]
    assert [work.subject for work in of_kind(COMPLETE_CALL)] == ["new"]


def test_what_was_given_up_at_night_is_shown_for_a_day_and_asked_for_again(world: World) -> None:
    schedule.ensure(NOW)
    (work,) = of_kind(schedule.RECONCILE)
    work.state, work.updated_at = WorkState.GIVEN_UP, NOW
    db.session.commit()
    schedule.ensure(NOW + timedelta(hours=1))
    assert of_kind(schedule.RECONCILE)[0].state is WorkState.GIVEN_UP
    schedule.ensure(NOW + timedelta(hours=21))
    assert of_kind(schedule.RECONCILE)[0].state is WorkState.WAITING
