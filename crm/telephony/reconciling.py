"""Reading the last hours again, so that a call of which nothing was heard is found all the same.

`crm.worker.schedule` says when. An import is begun here and read page by page as every import.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from crm.extensions import db
from crm.models import CdrImport, ImportKind, ImportState, Tenant
from crm.telephony import cdr_import
from crm.telephony.import_work import ask_to_import

# A record is there when its call has ended: each window begins longer before the end of the last
# one than any call lasts (four hours), and an hour for good measure.
OVERLAP = timedelta(hours=5)
LAST_HOURS = timedelta(hours=6)
LAST_NIGHTS = timedelta(hours=48)
FURTHEST = timedelta(days=14)  # after a longer outage somebody has to import what is missing
CLOCK_CHANGE = timedelta(hours=1)
RUNS_KEPT = 10


def tenants() -> list[Tenant]:
    """The tenants that are reconciled: switched on, and with an app token to ask with."""
    wanted = select(Tenant).where(Tenant.reconcile, Tenant.app_token_sealed.is_not(None))
    return list(db.session.scalars(wanted.order_by(Tenant.id)))


def begin(tenant_id: int, now: datetime) -> bool:
    """Begin to read a tenant's last hours, or all since the last time; False when switched off.

    Does nothing while the reading before is not done yet. The caller commits.
    """
    return _begin(tenant_id, ImportKind.RECONCILIATION, now, LAST_HOURS)


def begin_nightly(tenant_id: int, now: datetime) -> bool:
    """Begin to read a tenant's last two days; False when switched off. The caller commits."""
    return _begin(tenant_id, ImportKind.NIGHTLY, now, LAST_NIGHTS)


def window(since: datetime, now: datetime, timezone: str) -> tuple[datetime, datetime]:
    """Two moments as the tenant's local times, an hour wider where its clock changes.

    In the repeated hour a later moment has an earlier time, and nobody published which of the
    two the vendor takes a time for.
    """
    zone = ZoneInfo(timezone)
    start, finish = (one.astimezone(zone) for one in (since, now))
    around = [start - CLOCK_CHANGE, start, finish, finish + CLOCK_CHANGE]
    if len({(one.astimezone(zone)).utcoffset() for one in around}) > 1:
        start, finish = start - CLOCK_CHANGE, finish + CLOCK_CHANGE
    return start.replace(tzinfo=None), finish.replace(tzinfo=None)


def _begin(tenant_id: int, kind: ImportKind, now: datetime, span: timedelta) -> bool:
    tenant = db.session.get(Tenant, tenant_id)
    if tenant is None or not tenant.reconcile or tenant.app_token_sealed is None:
        return False
    of_kind = (CdrImport.tenant_id == tenant_id, CdrImport.kind == kind)
    running = select(CdrImport.id).where(*of_kind, CdrImport.state == ImportState.RUNNING)
    if db.session.scalar(running.limit(1)) is not None:
        return True
    since = _since(tenant_id, kind, now, span)
    start, finish = window(since, now, tenant.timezone)
    ask_to_import(cdr_import.start(tenant_id, start, finish, kind=kind, now=now))
    prune(tenant_id, kind)
    return True


def _since(tenant_id: int, kind: ImportKind, now: datetime, span: timedelta) -> datetime:
    """The window's start: earlier than `span` when the last reading that was done is long ago."""
    done = select(CdrImport.started_at).where(
        CdrImport.tenant_id == tenant_id,
        CdrImport.kind == kind,
        CdrImport.state == ImportState.DONE,
    )
    last = db.session.scalar(done.order_by(CdrImport.id.desc()).limit(1))
    since = now - span
    return since if last is None else max(min(since, last - OVERLAP), now - FURTHEST)


def prune(tenant_id: int, kind: ImportKind) -> None:
    """Forget old readings; the last ones stay, and the last one that was done."""
    over = (
        CdrImport.tenant_id == tenant_id,
        CdrImport.kind == kind,
        CdrImport.state != ImportState.RUNNING,
    )
    ids = select(CdrImport.id).where(*over).order_by(CdrImport.id.desc())
    kept = set(db.session.scalars(ids.limit(RUNS_KEPT)))
    kept |= set(db.session.scalars(ids.where(CdrImport.state == ImportState.DONE).limit(1)))
    db.session.execute(delete(CdrImport).where(*over, CdrImport.id.not_in(kept)))
