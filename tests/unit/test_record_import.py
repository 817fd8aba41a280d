"""Imports of records: page by page, each record once, whatever the vendor's pages are like."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm import calls
from crm.callcenterstudio import BadAnswer, CallCenterStudioError, ServerFailure, WrongAppToken
from crm.calls.local_time import starts_by_order
from crm.extensions import db
from crm.models import Call, CallEvent, CdrImport, ImportKind, ImportState, WorkState
from crm.telephony import import_runs
from crm.telephony.import_runs import ask_to_import
from crm.telephony.record_import import LEASE, BusyError, read_page
from crm.worker.work import run_work, take_due
from tests.unit.calls_world import World, make_contact, make_world
from tests.unit.import_world import DAY, NOW, PagedVendor, begin, callkeys, read_all, record


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def finished(run: CdrImport) -> CdrImport:
    db.session.refresh(run)
    return run


def counts(run: CdrImport) -> tuple[int, int, int, int]:
    """Records read, new, changed, known."""
    return run.records_read, run.records_new, run.records_changed, run.records_known


@pytest.mark.both_databases
@pytest.mark.parametrize(("size", "questions"), [(0, 1), (100, 2), (250, 3)])
def test_pages_are_read_until_one_is_not_full(world: World, size: int, questions: int) -> None:
    vendor, run = PagedVendor([record(place) for place in range(size)]), begin(world.tenant)
    assert read_all(vendor, run) == []
    assert len(vendor.asked) == questions
    assert counts(finished(run)) == (size, size, 0, 0)
    assert (run.state, run.pages, run.progress) == (ImportState.DONE, questions, 1.0)
    assert len(set(callkeys(world.tenant))) == size


@pytest.mark.both_databases
def test_read_again_it_writes_nothing(world: World) -> None:
    vendor = PagedVendor([record(place) for place in range(150)])
    read_all(vendor, begin(world.tenant))
    before = db.session.scalar(select(func.count()).select_from(CallEvent))
    again = begin(world.tenant)
    read_all(vendor, again)
    assert counts(finished(again)) == (150, 0, 0, 150)
    assert db.session.scalar(select(func.count()).select_from(CallEvent)) == before


def test_a_call_that_was_seen_is_told_more_by_its_record(world: World) -> None:
    make_contact("Elif Şahin", "+905070000042")
    world.message("OutgoingActiveCallKey", 1, activecallkey="ak3")
    run = begin(world.tenant)
    read_all(PagedVendor([record(place) for place in range(5)]), run)
    found = finished(run)
    assert (found.records_new, found.records_changed, found.without_contact) == (4, 1, 0)
    assert len(callkeys(world.tenant)) == 5


def test_long_ranges_are_cut_into_days_that_leave_no_second_out(world: World) -> None:
    records = [record(0), record(86_399), record(86_400), record(2 * 86_400)]
    vendor, run = PagedVendor(records), begin(world.tenant, days=3)
    read_all(vendor, run)
    asked = [(start, finish) for start, finish, _cursor in vendor.asked]
    day = timedelta(days=1)
    assert asked == [(DAY + n * day, DAY + (n + 1) * day) for n in range(3)]
    assert len(callkeys(world.tenant)) == 4
    # The one at midnight came with both days.
    assert finished(run).records_known == 2


def test_slices_end_with_the_day() -> None:
    start, finish = datetime(2026, 3, 2, 22, 30), datetime(2026, 3, 4, 1, 0)
    first = import_runs.first_slice(start, finish)
    assert first == (start, datetime(2026, 3, 2, 23, 59, 59))
    second = import_runs.first_slice(datetime(2026, 3, 3), finish)
    assert second == (datetime(2026, 3, 3), datetime(2026, 3, 3, 23, 59, 59))
    third = import_runs.first_slice(datetime(2026, 3, 4), finish)
    assert third == (datetime(2026, 3, 4), finish)


def test_a_page_that_comes_again_is_asked_for_once_more(world: World) -> None:
    vendor, run = PagedVendor([record(place) for place in range(250)]), begin(world.tenant)
    vendor.faults = ["", "repeat"]
    (told,) = read_all(vendor, run)
    assert "again instead of the next one" in told
    assert finished(run).records_new == 250


def test_a_slice_that_repeats_itself_for_ever_is_stopped_and_told(world: World) -> None:
    vendor, run = PagedVendor([record(place) for place in range(250)]), begin(world.tenant)
    vendor.faults = ["repeat"] * 60
    read_all(vendor, run)
    assert finished(run).state is ImportState.FAILED
    assert "2026-03-02 cannot be read to their end" in run.last_error
    assert len(callkeys(world.tenant)) == 100
    vendor.faults = []
    import_runs.go_on(run.id)
    db.session.commit()
    read_all(vendor, run)
    assert finished(run).state is ImportState.DONE
    assert len(callkeys(world.tenant)) == 250


def test_a_refused_cursor_begins_its_slice_again(world: World) -> None:
    vendor, run = PagedVendor([record(place) for place in range(250)]), begin(world.tenant)
    vendor.faults = ["", "", "refuse"]
    assert read_all(vendor, run) == []
    found = finished(run)
    assert (found.records_new, found.records_known, found.records_read) == (250, 200, 450)


@pytest.mark.parametrize(
    "error", [ServerFailure("HTTP 500."), BadAnswer("A web page."), WrongAppToken("No.")]
)
def test_a_page_that_cannot_be_had_is_told_and_waits(
    world: World, error: CallCenterStudioError
) -> None:
    vendor, run = PagedVendor([record(0)]), begin(world.tenant)
    vendor.faults = [error]
    with pytest.raises(type(error)):
        read_page(vendor, run.id, clock=lambda: NOW)  # type: ignore[arg-type]
    assert (finished(run).last_error, run.state) == (str(error), ImportState.RUNNING)
    read_all(vendor, run)
    assert (finished(run).last_error, run.records_new) == ("", 1)


@pytest.mark.both_databases
def test_two_processes_do_not_read_one_import_at_once(world: World) -> None:
    vendor, run = PagedVendor([record(0)]), begin(world.tenant)
    run.lease_until = NOW + timedelta(seconds=5)
    db.session.commit()
    with pytest.raises(BusyError):
        read_page(vendor, run.id, clock=lambda: NOW)  # type: ignore[arg-type]
    assert vendor.asked == []
    later = NOW + LEASE
    read_page(vendor, run.id, clock=lambda: later)  # type: ignore[arg-type]
    assert finished(run).state is ImportState.DONE


def test_a_page_that_another_process_kept_meanwhile_is_not_counted_twice(world: World) -> None:
    vendor, run = PagedVendor([record(place) for place in range(120)]), begin(world.tenant)
    ask = vendor.cdr_logs

    def slow(*args: object, **named: object) -> object:
        vendor.cdr_logs = ask  # type: ignore[method-assign]
        read_page(vendor, run.id, clock=lambda: NOW + LEASE)  # type: ignore[arg-type]
        return ask(*args, **named)  # type: ignore[arg-type]

    vendor.cdr_logs = slow  # type: ignore[assignment]
    read_all(vendor, run)
    assert (finished(run).records_read, run.records_new, run.pages) == (120, 120, 2)


def test_the_same_range_is_not_imported_twice_at_once(world: World) -> None:
    assert begin(world.tenant).id == begin(world.tenant).id
    assert begin(world.tenant).id != begin(world.tenant, days=2).id


@pytest.mark.parametrize(
    ("start", "finish", "word"),
    [(5, 4, "before the start"), (500, 501, "future"), (0, 5000, "end lies in the future")],
)
def test_a_range_that_cannot_be_is_refused(
    world: World, start: int, finish: int, word: str
) -> None:
    with pytest.raises(ValueError, match=word):
        import_runs.start(world.tenant.id, DAY + timedelta(start), DAY + timedelta(finish), now=NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"calldate": "yesterday"}, "calldate cannot be read"),
        ({"callkey": None}, "callkey is missing"),
        ({"inbound": "None"}, "inbound is missing"),
        ({"called_num": None}, "called_num is missing"),
        ({"duration": "a while"}, "duration cannot be read"),
        ({"hangupdate": "2001-01-01 00:00:00"}, "hangupdate lies before calldate"),
        ({"calldate": "2099-01-01 00:00:00"}, "calldate lies in the future"),
    ],
)
def test_an_incomplete_record_is_imported_counted_and_explained(
    world: World, changes: dict[str, object], reason: str
) -> None:
    told = record(1, **changes)
    result = calls.record_cdrs(world.tenant, [record(0), told, record(2)], received_at=NOW)
    db.session.commit()
    assert (result.new, result.incomplete, dict(result.problems)) == (3, 1, {reason: 1})
    call = db.session.scalars(select(Call).where(Call.transaction_id == "u1")).one()
    assert call.record_problems == reason
    assert call.started_at <= NOW
    event = db.session.scalars(select(CallEvent).where(CallEvent.call_id == call.id)).one()
    assert event.payload["record"] == told.raw


def test_a_record_without_any_key_is_kept_and_counted(world: World) -> None:
    told = record(1, callkey="", uniqueid=None, recordingurl="None")
    for expected in ((1, 0), (0, 1)):
        result = calls.record_cdrs(world.tenant, [told], received_at=NOW)
        db.session.commit()
        assert (result.new, result.known) == expected
        assert "no key" in " ".join(result.problems)
    events = db.session.scalars(select(CallEvent).where(CallEvent.tenant_id == world.tenant.id))
    assert [event.call_id for event in events] == [None]


@pytest.mark.parametrize("column", ["erased_at", "archived_at"])
def test_a_call_that_was_erased_or_archived_is_left_alone(world: World, column: str) -> None:
    calls.record_cdrs(world.tenant, [record(1)], received_at=NOW)
    call = db.session.scalars(select(Call).where(Call.callkey == "ck1")).one()
    setattr(call, column, NOW)
    db.session.commit()
    result = calls.record_cdrs(world.tenant, [record(1, duration=99)], received_at=NOW)
    db.session.commit()
    assert (result.known, result.changed, result.new) == (1, 0, 0)


def test_an_import_in_the_background_goes_on_page_by_page(world: World) -> None:
    vendor, run = PagedVendor([record(place) for place in range(150)]), begin(world.tenant)
    work = ask_to_import(run)
    db.session.commit()
    for expected in (WorkState.WAITING, WorkState.DONE):
        (taken,) = take_due(now=work.next_try_at)
        assert run_work(taken, client_for=vendor) is expected  # type: ignore[arg-type]
        db.session.refresh(work)
    assert finished(run).records_new == 150


def test_when_it_stays_so_the_import_fails_with_a_sentence_and_can_go_on(world: World) -> None:
    vendor, run = PagedVendor([record(0)]), begin(world.tenant)
    work = ask_to_import(run)
    db.session.commit()
    vendor.faults = [ServerFailure("Call Center Studio has a problem of its own.")] * 11
    while work.state is WorkState.WAITING:
        (taken,) = take_due(now=work.next_try_at)
        run_work(taken, client_for=vendor)  # type: ignore[arg-type]
        db.session.refresh(work)
    assert work.state is WorkState.GIVEN_UP
    assert finished(run).state is ImportState.FAILED
    assert "problem of its own" in run.last_error
    ask_to_import(import_runs.go_on(run.id))
    db.session.commit()
    db.session.refresh(work)
    (taken,) = take_due(now=work.next_try_at)
    assert run_work(taken, client_for=vendor) is WorkState.DONE  # type: ignore[arg-type]
    assert finished(run).state is ImportState.DONE


class TestARangeThatGrowsWhileItIsRead:
    """A hundred and fifty calls more, ahead of the place that was reached."""

    MORE = 150

    def grown(self, world: World, moves: bool, now: datetime, days: int = 1) -> CdrImport:
        """Import a day of 250 calls; after two pages more of them are there, with earlier starts.

        moves: the vendor's list is paged by its length, else by the last record's place.
        """
        vendor = PagedVendor([record(1000 + place) for place in range(250)])
        vendor.by_place = not moves
        run = begin(world.tenant, days)
        for _page in range(2):
            read_page(vendor, run.id, clock=lambda: now)  # type: ignore[arg-type]
        vendor.records = [record(place) for place in range(self.MORE)] + vendor.records
        while read_page(vendor, run.id, clock=lambda: now):  # type: ignore[arg-type]
            assert len(vendor.asked) < 40
        return finished(run)

    @pytest.mark.parametrize("moves", [True, False])
    def test_an_import_by_hand_of_the_last_hours_reads_it_again(
        self, world: World, moves: bool
    ) -> None:
        run = self.grown(world, moves, datetime(2026, 3, 2, 22, tzinfo=UTC))
        assert len(set(callkeys(world.tenant))) == 250 + self.MORE
        assert run.records_late == self.MORE

    def test_a_list_that_moves_on_is_seen_to_have_grown(self, world: World) -> None:
        run = self.grown(world, moves=True, now=NOW)
        assert len(set(callkeys(world.tenant))) == 250 + self.MORE
        assert run.may_miss_calls is False

    def test_one_that_runs_by_itself_leaves_them_to_the_next(self, world: World) -> None:
        vendor, start = PagedVendor([record(place) for place in range(250)]), DAY
        finish = DAY + timedelta(hours=23)
        now = datetime(2026, 3, 2, 20, tzinfo=UTC)
        kind = ImportKind.RECONCILIATION
        run = import_runs.start(world.tenant.id, start, finish, kind=kind, now=now)
        db.session.commit()
        while read_page(vendor, run.id, clock=lambda: now):  # type: ignore[arg-type]
            pass
        assert len(vendor.asked) == 3

    def test_it_ends_however_fast_it_grows(self, world: World) -> None:
        vendor, now = PagedVendor([]), datetime(2026, 3, 2, 22, tzinfo=UTC)
        vendor.records = [record(place) for place in range(150)]
        run = begin(world.tenant)
        while read_page(vendor, run.id, clock=lambda: now):  # type: ignore[arg-type]
            begun = len(vendor.records)
            vendor.records += [record(place) for place in range(begun, begun + 30)]
            assert len(vendor.asked) < 60
        assert (finished(run).state, run.may_miss_calls) == (ImportState.DONE, True)


class TestTheRepeatedHour:
    """25 October 2026 in Berlin: 02:00 to 03:00 comes twice, at 00:00 and at 01:00 UTC."""

    ZONE = ZoneInfo("Europe/Berlin")
    RECEIVED = datetime(2026, 10, 26, tzinfo=UTC)

    def call_of(self, world: World, records: list[dict[str, Any]], name: str = "ck1") -> Call:
        world.tenant.timezone = "Europe/Berlin"
        page = [record(place, **changes) for place, changes in enumerate(records)]
        calls.record_cdrs(world.tenant, page, received_at=self.RECEIVED)
        db.session.commit()
        statement = select(Call).where(Call.callkey == name, Call.tenant_id == world.tenant.id)
        return db.session.scalars(statement).one()

    def test_the_earlier_reading_is_taken_and_marked(self, world: World) -> None:
        records = [{"calldate": "2026-10-25 01:59:00"}, {"calldate": "2026-10-25 02:10:00"}]
        call = self.call_of(world, records)
        assert call.started_at == datetime(2026, 10, 25, 0, 10, tzinfo=UTC)
        assert call.time_uncertain

    @pytest.mark.parametrize(("name", "hour"), [("ck1", 0), ("ck2", 1), ("ck0", 0)])
    def test_the_order_of_the_records_decides(self, world: World, name: str, hour: int) -> None:
        dates = ("02:10:00", "02:50:00", "02:10:00", "03:05:00")
        call = self.call_of(world, [{"calldate": f"2026-10-25 {at}"} for at in dates], name)
        assert call.started_at.hour == hour
        assert not call.time_uncertain

    def test_what_the_order_told_later_is_taken_up(self, world: World) -> None:
        dates = ("02:50:00", "02:10:00")
        changes = [{"calldate": f"2026-10-25 {at}"} for at in dates]
        alone = record(1, **changes[1])
        world.tenant.timezone = "Europe/Berlin"
        calls.record_cdrs(world.tenant, [alone], received_at=self.RECEIVED)
        call = self.call_of(world, changes)
        assert (call.started_at.hour, call.time_uncertain) == (1, False)
        again = calls.record_cdrs(world.tenant, [alone], received_at=self.RECEIVED)
        assert again.known == 1

    def test_a_second_out_of_order_decides_nothing(self) -> None:
        dates: list[datetime | None] = [
            datetime(2026, 10, 25, 2, 10, 5),
            None,
            datetime(2026, 10, 25, 2, 10, 4),
        ]
        assert starts_by_order(dates, self.ZONE) == [None, None, None]
