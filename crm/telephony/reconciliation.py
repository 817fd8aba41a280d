"""Reconciliation: reads each tenant's last hours again, to find calls that nothing else reported.

`crm/worker/schedule.py` says when: every few minutes, and the last two days every night. Each run
is an import, which the worker reads like any other (`crm.telephony.record_import`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from crm.extensions import db
from crm.models import CdrImport, ImportKind, ImportState, Tenant
from crm.models.cdr_import import RECORD_COMES_WITHIN
from crm.telephony import import_runs

SPANS = {
    ImportKind.RECONCILIATION: timedelta(hours=6),
    ImportKind.NIGHTLY: timedelta(hours=48),
}
FURTHEST = timedelta(days=14)  # after a longer outage an admin has to import the rest
CLOCK_CHANGE = timedelta(hours=1)
RUNS_KEPT = 10


def tenants() -> list[Tenant]:
    """The tenants that are reconciled: switched on, and with an app token to ask with."""
    wanted = select(Tenant).where(Tenant.reconcile, Tenant.app_token_sealed.is_not(None))
    return list(db.session.scalars(wanted.order_by(Tenant.id)))


def begin(tenant_id: int, kind: ImportKind, now: datetime) -> bool:
    """Begin to read a tenant's last hours or days (SPANS). False when it is switched off.

    Does nothing while the previous one is not done yet. The caller commits.
    """
    tenant = db.session.get(Tenant, tenant_id)
    if tenant is None or not tenant.reconcile or tenant.app_token_sealed is None:
        return False
    of_kind = (CdrImport.tenant_id == tenant_id, CdrImport.kind == kind)
    running = select(CdrImport.id).where(*of_kind, CdrImport.state == ImportState.RUNNING)
    if db.session.scalar(running.limit(1)) is not None:
        return True
    since = now - SPANS[kind]
    done = select(CdrImport.started_at).where(*of_kind, CdrImport.state == ImportState.DONE)
    last = db.session.scalar(done.order_by(CdrImport.id.desc()).limit(1))
    if last is not None:  # after an outage, everything since then
        since = max(min(since, last - RECORD_COMES_WITHIN), now - FURTHEST)
    start, finish = window(since, now, tenant.timezone)
    import_runs.ask_to_import(import_runs.start(tenant_id, start, finish, kind=kind, now=now))
    prune(tenant_id, kind)
    return True


def window(since: datetime, now: datetime, timezone: str) -> tuple[datetime, datetime]:
    """Two moments as the tenant's local times, an hour wider where its clock changes.

    In the repeated hour a later moment has an earlier time, and it is not published which of the
    two the vendor means.
    """
    zone = ZoneInfo(timezone)
    start, finish = (one.astimezone(zone) for one in (since, now))
    around = [start - CLOCK_CHANGE, start, finish, finish + CLOCK_CHANGE]
    if len({(one.astimezone(zone)).utcoffset() for one in around}) > 1:
        start, finish = start - CLOCK_CHANGE, finish + CLOCK_CHANGE
    return start.replace(tzinfo=None), finish.replace(tzinfo=None)


def prune(tenant_id: int, kind: ImportKind) -> None:
    """Delete old imports of a kind. The last RUNS_KEPT stay, and the last successful one."""
    over = (
        CdrImport.tenant_id == tenant_id,
        CdrImport.kind == kind,
        CdrImport.state != ImportState.RUNNING,
    )
    ids = select(CdrImport.id).where(*over).order_by(CdrImport.id.desc())
    kept = set(db.session.scalars(ids.limit(RUNS_KEPT)))
    kept |= set(db.session.scalars(ids.where(CdrImport.state == ImportState.DONE).limit(1)))
    db.session.execute(delete(CdrImport).where(*over, CdrImport.id.not_in(kept)))


@dataclass(frozen=True)
class Status:
    """A tenant's reconciliation for the settings pages, including the nightly one."""

    tenant: Tenant
    last: CdrImport | None
    last_done: CdrImport | None
    failed: CdrImport | None  # the newest that failed, unless one has succeeded since


def status(tenant: Tenant) -> Status:
    """The status of a tenant's reconciliation."""

    def newest(*states: ImportState) -> CdrImport | None:
        found: list[CdrImport] = []
        for kind in SPANS:  # one look into the index each
            of_kind = (CdrImport.tenant_id == tenant.id, CdrImport.kind == kind)
            statement = select(CdrImport).where(*of_kind, CdrImport.state.in_(states))
            found += db.session.scalars(statement.order_by(CdrImport.id.desc()).limit(1))
        return max(found, key=lambda run: run.id, default=None)

    last_done, failed = newest(ImportState.DONE), newest(ImportState.FAILED)
    if failed is not None and last_done is not None and failed.id < last_done.id:
        failed = None
    return Status(tenant, newest(*ImportState), last_done, failed)
