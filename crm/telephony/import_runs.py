"""Imports of records as rows: starts, continues, stops and lists them.

The import page, `flask cdr import`, the reconciliation and `crm/worker/catch_up.py` begin them;
`crm.telephony.record_import` reads them. Functions flush, the caller commits.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from crm.background import enqueue
from crm.extensions import db
from crm.models import CdrImport, ImportKind, ImportState, Tenant, Work, utc_now
from crm.models.locking import take_write_lock

# Kinds of work. The next reconciliation comes in minutes, so one that cannot read is given up soon.
IMPORT_CDRS = "import_cdrs"
RECONCILE_CDRS = "reconcile_cdrs"
FIRST_YEAR = 2000  # 0026 is a typing error, and every day since then would be read
AHEAD_AT_MOST = timedelta(days=2)  # the end of today lies ahead, in whatever zone


def start(
    tenant_id: int,
    start_local: datetime,
    finish_local: datetime,
    *,
    asked_by_id: int | None = None,
    kind: ImportKind = ImportKind.ASKED_FOR,
    now: datetime | None = None,
) -> CdrImport:
    """Begin an import of the records between two local times of the tenant, both included.

    If one of the same tenant, kind and range is not done yet, it goes on instead of a second one.
    Nothing is read yet: `ask_to_import` has the worker do it. Raises ValueError with a sentence
    when the range makes no sense.
    """
    take_write_lock()  # if two begin the same import at once, the second waits and finds it
    tenant: Tenant = db.session.get_one(Tenant, tenant_id, with_for_update={"key_share": True})
    start_local, finish_local = (one.replace(microsecond=0) for one in (start_local, finish_local))
    local_now = (now or utc_now()).astimezone(ZoneInfo(tenant.timezone)).replace(tzinfo=None)
    if finish_local < start_local:
        raise ValueError(_("The end lies before the start."))
    if start_local.year < FIRST_YEAR:
        raise ValueError(_("Enter a day, like 2026-10-31."))
    if start_local > local_now:
        raise ValueError(_("The start lies in the future: there are no calls yet."))
    if finish_local > local_now + AHEAD_AT_MOST:
        raise ValueError(_("The end lies in the future. Choose today or an earlier day."))
    same = select(CdrImport).where(
        CdrImport.tenant_id == tenant_id,
        CdrImport.kind == kind,
        CdrImport.state != ImportState.DONE,
        CdrImport.start_local == start_local,
        CdrImport.finish_local == finish_local,
    )
    run: CdrImport | None = db.session.scalar(same.order_by(CdrImport.id.desc()).limit(1))
    if run is None:
        slice_start, slice_finish = first_slice(start_local, finish_local)
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
        _run_again(run)
    db.session.flush()
    return run


def first_slice(start: datetime, finish: datetime) -> tuple[datetime, datetime]:
    """The first slice of a range, both ends included: up to the end of its first day.

    So a refused cursor costs one slice at most.
    """
    last_second = start.replace(hour=23, minute=59, second=59, microsecond=0)
    return start, min(finish, last_second)


def ask_to_import(run: CdrImport) -> Work:
    """Have the worker read an import."""
    kind = IMPORT_CDRS if run.kind is ImportKind.ASKED_FOR else RECONCILE_CDRS
    return enqueue(kind, str(run.id))


def go_on(import_id: int) -> CdrImport:
    """Continue a failed import where it stopped; one that is done stays done.

    `ask_to_import` has the worker read it. Raises LookupError when there is no such import.
    """
    run = locked(import_id)
    if run.state is not ImportState.DONE:
        _run_again(run)
    db.session.flush()
    return run


def stop(import_id: int, reason: str) -> None:
    """Stop a running import. `reason` is a sentence for people. It can go on later.

    Raises LookupError when there is no such import.
    """
    run = locked(import_id)
    if run.state is ImportState.RUNNING:
        run.state, run.last_error, run.lease_until = ImportState.FAILED, reason[:1000], None
    db.session.flush()


def locked(import_id: int) -> CdrImport:
    """An import, read again and locked until the caller commits. Raises LookupError."""
    take_write_lock()
    fresh = select(CdrImport).where(CdrImport.id == import_id).with_for_update()
    run: CdrImport | None = db.session.scalar(fresh.execution_options(populate_existing=True))
    if run is None:
        raise LookupError("there is no such import")
    return run


def newest_first() -> Select[CdrImport]:
    """A query for imports with their tenants and the agents who started them; pages add filters."""
    loaded = select(CdrImport).options(joinedload(CdrImport.tenant), joinedload(CdrImport.asked_by))
    return loaded.order_by(CdrImport.id.desc())


def _run_again(run: CdrImport) -> None:
    run.state, run.last_error = ImportState.RUNNING, ""
    run.failures = run.restarts = 0
