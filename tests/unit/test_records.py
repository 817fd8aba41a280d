"""Background work: asked for in rows, done when due, repeated with pauses, given up loudly."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from crm import calls
from crm.callcenterstudio import CallCenterStudioError, CdrRecord, RateLimited, WrongAppToken
from crm.extensions import db
from crm.models import Call, CallState, Tenant, Work, WorkState, utc_now
from crm.settings import Settings
from crm.telephony.records import AFTER_THE_LAST_SIGN, COMPLETE_CALL, ask_to_complete
from crm.worker.work import LEASE, PAUSES, run_work, take_due
from tests.unit.calls_world import KEY, World, after, cdr, hangup_form, make_world

ROOT = Path(__file__).parents[2]


class Vendor:
    """A client that has the record from the `there_after`-th question on, or raises."""

    def __init__(self, record: CdrRecord | None = None, error: Exception | None = None) -> None:
        self.record = record
        self.error = error
        self.asked: list[dict[str, str]] = []

    def cdr_logs_of_call(self, **keys: str | None) -> tuple[CdrRecord, ...]:
        self.asked.append({name: key for name, key in keys.items() if key})
        if self.error:
            raise self.error
        return (self.record,) if self.record else ()

    def __call__(self, _tenant: Tenant) -> "Vendor":
        return self


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def ended_call(world: World) -> Call:
    world.rings()
    call = world.message("Hangup", 20, activecallkey=KEY)
    ask_to_complete(call, now=after(20))
    db.session.commit()
    return call


def run(vendor: Vendor, at: float) -> list[WorkState]:
    """What a worker does at this moment of the call."""
    taken = take_due(now=after(at))
    clock: Callable[[], object] = lambda: after(at)  # noqa: E731
    return [run_work(one, client_for=vendor, clock=clock) for one in taken]  # type: ignore[arg-type]


def only_work() -> Work:
    db.session.expire_all()
    return db.session.scalars(select(Work).where(Work.kind == COMPLETE_CALL)).one()


@pytest.mark.both_databases
def test_an_ended_calls_record_is_fetched_after_a_moment(world: World) -> None:
    call = ended_call(world)
    vendor = Vendor(cdr())
    assert run(vendor, 21) == []
    assert run(vendor, 22) == [WorkState.DONE]
    assert vendor.asked == [{"activecallkey": KEY}]
    db.session.refresh(call)
    assert (call.complete, call.talk_seconds) == (True, 60)
    assert run(vendor, 10_000) == []


def test_a_dial_without_a_key_is_asked_for_by_its_transaction_id(world: World) -> None:
    form = hangup_form(call_id="", transaction_id="d1")
    ask_to_complete(calls.record_hangup(world.tenant, form), now=after(0))
    db.session.commit()
    vendor = Vendor(cdr(uniqueid="d1"))
    assert run(vendor, 5) == [WorkState.DONE]
    assert vendor.asked == [{"uniqueid": "d1"}]


def test_the_record_of_another_call_is_not_taken_for_it(world: World) -> None:
    form = hangup_form(call_id="", transaction_id="d1")
    ask_to_complete(calls.record_hangup(world.tenant, form), now=after(0))
    db.session.commit()
    assert run(Vendor(cdr(uniqueid="another")), 5) == [WorkState.WAITING]


def test_pauses_grow_and_at_last_it_is_given_up_loudly(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ended_call(world)
    vendor, at, gaps = Vendor(None), 22.0, []
    while True:
        state = run(vendor, at)
        if state != [WorkState.WAITING]:
            break
        gaps.append((only_work().next_try_at - after(at)).total_seconds())
        at += gaps[-1]
    assert gaps == list(PAUSES)
    assert state == [WorkState.GIVEN_UP]
    assert "no record of this call" in only_work().last_error
    assert "Given up" in caplog.text


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (RateLimited("Too many questions.", retry_after=90.0), 90),
        (WrongAppToken("The app token is wrong. Set the new one."), 2),
    ],
)
def test_an_error_of_the_vendors_is_told_and_tried_again_later(
    world: World, error: CallCenterStudioError, pause: int
) -> None:
    ended_call(world)
    assert run(Vendor(error=error), 22) == [WorkState.WAITING]
    work = only_work()
    assert (work.last_error, work.next_try_at) == (str(error), after(22 + pause))


def test_a_complete_call_and_a_dial_that_came_to_nothing_are_not_asked_for(world: World) -> None:
    ask_to_complete(calls.record_dial_not_taken(world.dials()))
    world.rings()
    ask_to_complete(calls.record_cdr(world.tenant, cdr(), asked_for={"activecallkey": KEY}))
    assert db.session.scalars(select(Work)).all() == []


def test_a_call_whose_end_was_lost_is_ended_by_its_record(world: World) -> None:
    call = world.rings()
    ask_to_complete(call, now=after(0))
    db.session.commit()
    assert run(Vendor(cdr()), 60) == []
    assert run(Vendor(cdr()), AFTER_THE_LAST_SIGN) == [WorkState.DONE]
    db.session.refresh(call)
    assert (call.state, call.ended_at) == (CallState.ENDED, after(69))


def test_the_end_of_a_call_makes_its_record_urgent(world: World) -> None:
    ask_to_complete(world.rings(), now=after(0))
    ended_call(world)
    assert only_work().next_try_at == after(22)


@pytest.mark.both_databases
def test_asked_for_twice_it_is_done_once(world: World) -> None:
    call = ended_call(world)
    ask_to_complete(call, now=after(100))
    assert only_work().next_try_at == after(22)


def test_a_call_that_ended_again_is_fetched_again(world: World) -> None:
    ended_call(world)
    unfinished = cdr(status="talking", duration=None, hangupdate=None, disposition="")
    assert run(Vendor(unfinished), 22) == [WorkState.WAITING]
    work = only_work()
    work.state, work.attempts = WorkState.GIVEN_UP, 15
    ask_to_complete(world.message("Hangup", 300, activecallkey=KEY), now=after(300))
    work = only_work()
    assert (work.state, work.attempts, work.next_try_at) == (WorkState.WAITING, 0, after(302))


def test_a_call_that_was_joined_into_another_is_still_found(world: World) -> None:
    by_record = calls.record_cdr(world.tenant, cdr(recordingurl="", status="x", disposition=""))
    assert by_record is not None
    ended_call(world)
    calls.record_cdr(
        world.tenant, cdr(recordingurl="", status="x"), asked_for={"activecallkey": KEY}
    )
    db.session.commit()
    assert run(Vendor(cdr()), 22) == [WorkState.DONE]


@pytest.mark.both_databases
def test_what_a_killed_worker_had_taken_becomes_due_again(world: World) -> None:
    ended_call(world)
    assert len(take_due(now=after(22))) == 1
    assert take_due(now=after(23)) == []
    assert len(take_due(now=after(22) + LEASE)) == 1


def test_the_worker_stops_at_once(world: World, settings: Settings, tmp_path: Path) -> None:
    """A real `flask worker`: it tries what is due, and ends within seconds of SIGTERM."""
    ask_to_complete(calls.record_hangup(world.tenant, hangup_form()), now=utc_now() - timedelta(9))
    db.session.commit()
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "PYTHONPATH": str(ROOT),
        "FLASK_APP": str(ROOT / "app.py"),
        "FLASK_SKIP_DOTENV": "1",
    }
    command = [sys.executable, "-m", "flask", "worker"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert "waiting for work" in process.stdout.readline()
        wait_until(lambda: "app token" in only_work().last_error)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.communicate()


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Look again until something holds that another process does."""
    from threading import Event

    end = utc_now() + timedelta(seconds=seconds)
    while not holds():
        db.session.rollback()
        assert utc_now() < end
        Event().wait(0.05)
