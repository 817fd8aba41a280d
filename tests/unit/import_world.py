"""What the tests of the import share: a vendor in memory that answers pages, and its faults."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from crm.callcenterstudio import CallCenterStudioError, CdrPage, CdrRecord, Refused
from crm.extensions import db
from crm.models import Call, CdrImport, Tenant
from crm.telephony import import_runs
from crm.telephony.record_import import read_page
from tests.unit.calls_world import wire

DAY = datetime(2026, 3, 2)
NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
PAGE = 100


def record(place: int, **changes: Any) -> CdrRecord:
    """The record of the n-th call of the day, with keys of its own."""
    started = DAY + timedelta(seconds=place)
    own = {
        "callkey": f"ck{place}",
        "uniqueid": f"u{place}",
        "calldate": f"{started:%Y-%m-%d %H:%M:%S}",
        "recordingurl": f"https://demo.callcenterstudio.com/recordings/ak{place}",
    }
    return CdrRecord.parse(wire("cdr_record.json") | own | changes)


class PagedVendor:
    """Records in order of their start, a hundred a page. faults: what the next questions meet.

    by_place: a cursor is the place of the last record, wherever it lies by then.
    """

    def __init__(self, records: list[CdrRecord]) -> None:
        self.records = records
        self.faults: list[CallCenterStudioError | str] = []
        self.by_place = False
        self.asked: list[tuple[datetime, datetime, str | None]] = []

    def __call__(self, _tenant: Tenant) -> "PagedVendor":
        return self

    def cdr_logs(
        self, startdate: datetime, finishdate: datetime, *, cursor: str | None, sorting: str
    ) -> CdrPage:
        assert sorting == "asc"
        self.asked.append((startdate, finishdate, cursor))
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, CallCenterStudioError):
            raise fault
        first = int(cursor.removeprefix("c")) if cursor and not self.by_place else 0
        if fault == "repeat" and cursor:
            first -= PAGE
        if fault == "refuse" and cursor:
            raise Refused("Call Center Studio refused: cursor has expired.")
        found = [one for one in self.records if _within(one, startdate, finishdate)]
        if self.by_place and cursor:
            names = [one.callkey for one in found]
            first = names.index(cursor.removeprefix("c")) + 1
        page = tuple(found[first : first + PAGE])
        behind = page[-1].callkey if self.by_place and page else first + PAGE
        return CdrPage(page, f"c{behind}", is_last=len(page) < PAGE)


def begin(tenant: Tenant, days: int = 1) -> CdrImport:
    """An import of whole days."""
    finish = DAY + timedelta(days=days) - timedelta(seconds=1)
    run = import_runs.start(tenant.id, DAY, finish, now=NOW)
    db.session.commit()
    return run


def read_all(vendor: PagedVendor, run: CdrImport) -> list[str]:
    """Read until the import is over, whatever happens; what went wrong on the way."""
    return list(_read(vendor, run.id))


def callkeys(tenant: Tenant) -> list[str | None]:
    """The calls on record."""
    statement = db.select(Call.callkey).where(Call.tenant_id == tenant.id)
    return sorted(db.session.scalars(statement), key=str)


def _read(vendor: PagedVendor, import_id: int) -> Iterator[str]:
    for _page in range(60):
        try:
            if not read_page(vendor, import_id, clock=lambda: NOW):  # type: ignore[arg-type]
                return
        except CallCenterStudioError as error:
            yield str(error)
    raise AssertionError("it never ends")


def _within(one: CdrRecord, start: datetime, finish: datetime) -> bool:
    return one.calldate is None or start <= one.calldate <= finish
