"""Imports as people see them: begun, gone on with, how far they are, what they found.

The import page, `flask cdr import` and `crm.worker` call it; `crm.telephony.cdr_import.reading`
reads the pages. Functions flush, the caller commits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from crm.extensions import db
from crm.models import CdrImport, ImportKind, ImportState, Tenant, utc_now
from crm.models.locking import take_write_lock
from crm.telephony.cdr_import import slices

# 0026 is a slip of the keyboard, and would be read day by day from there.
FIRST_YEAR = 2000
AHEAD_AT_MOST = timedelta(days=2)  # the end of today lies ahead, in whatever zone


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import found so far. problems: reason in words -> how many records have it.

    late: of the new ones, those that came while it was read. may_miss: calls of its range may end,
    or have ended, after they were read past.
    """

    read: int
    new: int
    changed: int
    known: int
    without_contact: int
    incomplete: int
    late: int
    may_miss: bool
    problems: dict[str, int]


def start(
    tenant_id: int,
    start_local: datetime,
    finish_local: datetime,
    *,
    asked_by_id: int | None = None,
    kind: ImportKind = ImportKind.ASKED_FOR,
    now: datetime | None = None,
) -> CdrImport:
    """Write down that the records between two local times of the tenant, both included, be read.

    One of the same tenant, kind and range that is not done yet goes on instead of a second one.
    Nothing is read yet: `jobs.ask_to_import` has the worker do it. Raises ValueError with a
    sentence for a range that cannot be.
    """
    tenant = _locked_tenant(tenant_id)
    start_local, finish_local = (one.replace(microsecond=0) for one in (start_local, finish_local))
    _check(start_local, finish_local, _local(now or utc_now(), tenant))
    run = _unfinished(tenant_id, kind, start_local, finish_local)
    if run is None:
        slice_start, slice_finish = slices.first(start_local, finish_local)
        run = CdrImport(
            tenant_id=tenant_id,
            asked_by_id=asked_by_id,
            kind=kind,
            start_local=start_local,
            finish_local=finish_local,
            slice_start=slice_start,
            slice_finish=slice_finish,
            state=ImportState.RUNNING,
        )
        db.session.add(run)
    elif run.state is ImportState.FAILED:
        _again(run)
    db.session.flush()
    return run


def go_on(import_id: int) -> CdrImport:
    """Let an import that failed go on where it stopped; one that is done stays done.

    `jobs.ask_to_import` has the worker do it. Raises LookupError when there is no such import.
    """
    run = locked(import_id)
    if run.state is not ImportState.DONE:
        _again(run)
    db.session.flush()
    return run


def stop(import_id: int, reason: str) -> None:
    """Give an import up for now: `reason` is a sentence; it can go on later."""
    run = locked(import_id)
    if run.state is ImportState.RUNNING:
        run.state, run.last_error, run.lease_until = ImportState.FAILED, reason[:1000], None
    db.session.flush()


def progress(run: CdrImport) -> float:
    """How much of its time an import has covered, 0 to 1."""
    if run.state is ImportState.DONE:
        return 1.0
    reached = max(run.slice_start, min(run.reached_local or run.slice_start, run.slice_finish))
    return slices.done(run.start_local, run.finish_local, reached)


def report(run: CdrImport) -> ImportReport:
    """What an import found so far."""
    return ImportReport(
        read=run.records_read,
        new=run.records_new,
        changed=run.records_changed,
        known=run.records_known,
        without_contact=run.without_contact,
        incomplete=run.records_incomplete,
        late=run.records_late,
        may_miss=_may_miss(run),
        problems=dict(run.problems),
    )


def _may_miss(run: CdrImport) -> bool:
    if run.state is not ImportState.DONE or run.finished_at is None:
        return False
    read_until = _local(run.finished_at, run.tenant)
    return run.finish_local >= read_until - slices.LONGEST_CALL


def locked(import_id: int) -> CdrImport:
    """An import, fresh, and kept from others until the caller commits. Raises LookupError."""
    take_write_lock()
    fresh = select(CdrImport).where(CdrImport.id == import_id).with_for_update()
    run: CdrImport | None = db.session.scalar(fresh.execution_options(populate_existing=True))
    if run is None:
        raise LookupError("there is no such import")
    return run


def _locked_tenant(tenant_id: int) -> Tenant:
    """Two that begin the same import at once come one after the other."""
    take_write_lock()
    tenant: Tenant = db.session.get_one(Tenant, tenant_id, with_for_update={"key_share": True})
    return tenant


def _check(start_local: datetime, finish_local: datetime, now: datetime) -> None:
    if finish_local < start_local:
        raise ValueError(_("The end lies before the start."))
    if start_local.year < FIRST_YEAR:
        raise ValueError(_("Enter a day, like 2026-10-31."))
    if start_local > now:
        raise ValueError(_("The start lies in the future: there are no calls yet."))
    if finish_local > now + AHEAD_AT_MOST:
        raise ValueError(_("The end lies in the future. Choose today or an earlier day."))


def _local(moment: datetime, tenant: Tenant) -> datetime:
    return moment.astimezone(ZoneInfo(tenant.timezone)).replace(tzinfo=None)


def _unfinished(
    tenant_id: int, kind: ImportKind, start_local: datetime, finish_local: datetime
) -> CdrImport | None:
    same = select(CdrImport).where(
        CdrImport.tenant_id == tenant_id,
        CdrImport.kind == kind,
        CdrImport.state != ImportState.DONE,
        CdrImport.start_local == start_local,
        CdrImport.finish_local == finish_local,
    )
    found: CdrImport | None = db.session.scalar(same.order_by(CdrImport.id.desc()).limit(1))
    return found


def _again(run: CdrImport) -> None:
    run.state, run.last_error = ImportState.RUNNING, ""
    run.failures = run.restarts = 0
