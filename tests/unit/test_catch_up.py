"""When the records of many calls are wanted at once the vendor is asked by dates, never fast."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import compress
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm import calls
from crm.callcenterstudio import CallCenterStudioError, CdrPage, CdrRecord
from crm.extensions import db
from crm.models import Call, CdrImport, Tenant, Work, WorkState, utc_now
from crm.telephony.pace import BURST, EXTENSION, REQUESTS_A_SECOND, Pace
from crm.telephony.records import ask_to_complete
from crm.worker import catch_up
from crm.worker.work import LAST_ATTEMPT, run_work, take_due
from tests.unit.calls_world import World, cdr, make_world

MANY, IN_VAIN = 20, 10
PAGE = 25
TOLD = 45
WORKERS_THREADS = 4


class Vendor:
    """Has records by date and by key; `asked` counts the questions, `error` answers each."""

    def __init__(self) -> None:
        self.records: list[tuple[str, CdrRecord]] = []
        self.error: CallCenterStudioError | None = None
        self.asked: Counter[str] = Counter()

    def __call__(self, _tenant: Tenant) -> "Vendor":
        return self

    def cdr_logs(
        self, start: datetime, finish: datetime, *, cursor: str | None, **_sorting: str
    ) -> CdrPage:
        self._ask("by dates")
        first = int(cursor or 0)
        dates = (record.calldate for _key, record in self.records)
        within = [date is not None and start <= date <= finish for date in dates]
        found = list(compress((record for _key, record in self.records), within))
        page = tuple(found[first : first + PAGE])
        return CdrPage(page, str(first + PAGE), is_last=len(page) < PAGE)

    def cdr_logs_of_call(self, *, activecallkey: str, **_other: None) -> tuple[CdrRecord, ...]:
        self._ask("by key")
        return tuple(record for key, record in self.records if key == activecallkey)

    def _ask(self, how: str) -> None:
        self.asked[how] += 1
        if self.error:
            raise self.error


class ManyCalls:
    """Many calls of a tenant, told by its IVR, and a worker whose clock the test moves."""

    def __init__(self, app: Flask) -> None:
        self.world: World = make_world()
        self.vendor = Vendor()
        self.now = utc_now()
        app.extensions[EXTENSION] = Pace(clock=self._moment, sleep=self._pass)

    def _moment(self) -> float:
        return self.now.timestamp()

    def _pass(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def are_told(self, many: int, *, first: int = 0) -> list[str]:
        keys = [f"key-{place}" for place in range(first, first + many)]
        for key in keys:
            told = {"CallID": key, "MobilePhoneNumber": "05320000001"}
            call = calls.record_notification(self.world.tenant, told, received_at=self.now)
            ask_to_complete(call, now=self.now)
        db.session.commit()
        return keys

    def happened(self, keys: list[str], **changes: Any) -> None:
        local = self.now.astimezone(ZoneInfo("Europe/Istanbul")) - timedelta(seconds=80)
        for key in keys:
            address = f"https://demo.callcenterstudio.com/recordings/{key}"
            own: dict[str, Any] = {
                "callkey": f"ck-{key}",
                "uniqueid": f"u-{key}",
                "recordingurl": address,
            }
            own |= {"calldate": f"{local:%Y-%m-%d %H:%M:%S}", "hangupdate": None}
            self.vendor.records.append((key, cdr(**(own | changes))))

    def works(self, until: datetime | None = None) -> None:
        """Look for work as the worker does, once a second or when the next is due."""
        for _look in range(1000):
            waiting = select(func.min(Work.next_try_at)).where(Work.state == WorkState.WAITING)
            due = db.session.scalar(waiting)
            db.session.rollback()
            if due is None or (until and self.now >= until):
                return
            self.now = max(self.now + timedelta(seconds=1), due)
            catch_up.catch_up(self.now)
            for work_id in take_due(now=self.now, limit=WORKERS_THREADS):
                run_work(work_id, client_for=self.vendor, clock=lambda: self.now)  # type: ignore[arg-type]
        raise AssertionError("it never ends")

    def rows(self) -> list[Call]:
        db.session.expire_all()
        ours = select(Call).where(Call.tenant_id == self.world.tenant.id)
        return list(db.session.scalars(ours))


@pytest.fixture
def many(app: Flask, monkeypatch: pytest.MonkeyPatch) -> ManyCalls:
    monkeypatch.setattr(catch_up, "MANY", MANY)
    monkeypatch.setattr(catch_up, "MISSES_AT_MOST", IN_VAIN)
    return ManyCalls(app)


@pytest.mark.both_databases
def test_many_calls_are_completed_by_a_few_questions_by_dates(many: ManyCalls) -> None:
    many.happened(many.are_told(TOLD))
    many.works()
    assert [call.complete for call in many.rows()] == [True] * TOLD
    assert many.vendor.asked["by dates"] <= TOLD // PAGE + 2  # the range may touch two days
    assert many.vendor.asked["by key"] < MANY


def test_a_few_calls_are_asked_for_one_by_one(many: ManyCalls) -> None:
    many.happened(many.are_told(MANY))
    many.works()
    assert [call.complete for call in many.rows()] == [True] * MANY
    assert many.vendor.asked == {"by key": MANY}


@pytest.mark.both_databases
def test_records_without_a_key_are_still_found_by_it_and_double_nothing(many: ManyCalls) -> None:
    """Nobody answered them, so no recording's address tells their key (inferred)."""
    many.happened(many.are_told(TOLD), recordingurl=None, answered=False, duration=None)
    many.works()
    assert [call.complete for call in many.rows()] == [True] * TOLD


def test_a_flood_of_invented_calls_is_soon_asked_for_no_more(many: ManyCalls) -> None:
    many.are_told(TOLD)
    many.works()
    given_up = select(Work).where(Work.state == WorkState.GIVEN_UP)
    assert {work.last_error for work in db.session.scalars(given_up)} == {
        "Call Center Studio has no record of this call yet."
    }
    tries = TOLD * LAST_ATTEMPT
    assert many.vendor.asked["by key"] < tries / 5
    assert many.vendor.asked["by dates"] <= 2


def test_real_calls_among_invented_ones_are_completed(many: ManyCalls) -> None:
    many.are_told(TOLD)
    real = many.are_told(TOLD, first=TOLD)
    many.happened(real)
    many.works()
    done = {call.activecallkey for call in many.rows() if call.complete}
    assert done == set(real)


def test_calls_told_after_the_dates_were_read_have_them_read_again(many: ManyCalls) -> None:
    many.happened(many.are_told(TOLD))
    many.works()
    many.vendor.asked.clear()
    many.happened(many.are_told(TOLD, first=TOLD))
    many.works()
    assert [call.complete for call in many.rows()] == [True] * (2 * TOLD)
    assert many.vendor.asked["by key"] < MANY


def test_an_outage_is_no_storm_and_afterwards_all_are_completed(many: ManyCalls) -> None:
    many.happened(many.are_told(TOLD))
    many.vendor.error = CallCenterStudioError("It is down.")
    many.works(until=many.now + timedelta(minutes=30))
    assert many.vendor.asked.total() < 500
    assert db.session.scalar(select(func.count()).select_from(CdrImport)) == 1
    many.vendor.error = None
    many.works()
    assert [call.complete for call in many.rows()] == [True] * TOLD


def test_a_tenant_is_asked_at_a_bounded_rate_and_holds_up_no_other() -> None:
    moment = 0.0

    def sleep(seconds: float) -> None:
        nonlocal moment
        moment += seconds

    pace = Pace(clock=lambda: moment, sleep=sleep)
    for _question in range(BURST):
        pace.wait(1)
    assert moment == 0
    for _question in range(50):
        pace.wait(1)
    assert moment == pytest.approx(50 / REQUESTS_A_SECOND)
    pace.wait(2)
    assert moment == pytest.approx(50 / REQUESTS_A_SECOND)
