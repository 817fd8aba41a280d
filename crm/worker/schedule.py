"""The worker's regular work: reconciliation and the summary every few minutes, the nightly work.

Each is a row of work that becomes due again, so it survives restarts, and two workers never do it
twice. The worker's clock calls `ensure`, which writes missing rows. To add nightly work, add it to
NIGHTLY.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select

from crm import retention
from crm.background import ClientFor, Job, enqueue
from crm.calls import summary
from crm.contact_files import keeping
from crm.extensions import db
from crm.models import ImportKind, Tenant, Work, WorkState, utc_now
from crm.models.locking import in_one_transaction
from crm.telephony import reconciliation, request_log, session_store

# Kinds of work, and the names of NIGHTLY; both are in databases.
RECONCILE = "reconcile"
RECONCILE_NIGHTLY = "reconcile_nightly"
SUMMARISE = "summarise"
AT_NIGHT = "at_night"
DELETE_DONE_WORK = "delete_done_work"
RETENTION = "retention"
DELETE_IMPORTED_FILES = "delete_imported_files"
DELETE_EXPIRED_SESSIONS = "delete_expired_sessions"
DELETE_LOGGED_REQUESTS = "delete_logged_requests"

NIGHT = time(2, 30)
SECONDS_BETWEEN = 5 * 60.0
SECONDS_BETWEEN_SUMMARIES = 60.0
SECONDS_OF_SUMMARISING = 15.0  # in one task, so that stopping does not wait long
DONE_WORK_IS_KEPT = timedelta(days=7)
FAILURE_IS_SHOWN = timedelta(hours=20)  # before work that was given up is requested again


def ensure(now: datetime) -> None:
    """Write the rows of regular work that are missing; commits."""
    wanted = [(SUMMARISE, "calls", now + timedelta(seconds=SECONDS_BETWEEN_SUMMARIES))]
    wanted += [(AT_NIGHT, name, next_night(now, own_zone())) for name in NIGHTLY]
    for tenant in reconciliation.tenants():
        wanted.append((RECONCILE, str(tenant.id), now))
        wanted.append((RECONCILE_NIGHTLY, str(tenant.id), next_night(now, tenant.timezone)))
    waits = Work.state == WorkState.WAITING
    shown = (Work.state == WorkState.GIVEN_UP) & (Work.updated_at > now - FAILURE_IS_SHOWN)
    statement = select(Work.kind, Work.subject)
    rows = db.session.execute(statement.where(Work.kind.in_(SCHEDULED), or_(waits, shown)))
    there = {(kind, subject) for kind, subject in rows}
    missing = [one for one in wanted if one[:2] not in there]
    db.session.rollback()

    def enqueue_all() -> None:
        for kind, subject, due in missing:
            enqueue(kind, subject, delay=(due - now).total_seconds(), now=now)

    if missing:
        in_one_transaction(enqueue_all)


def reconcile(subject: str, _client_for: ClientFor) -> float | None:
    """Begin to read the last hours of a tenant; due again in some minutes, None if switched off."""
    now, tenant_id, kind = utc_now(), int(subject), ImportKind.RECONCILIATION
    switched_on = in_one_transaction(lambda: reconciliation.begin(tenant_id, kind, now))
    return SECONDS_BETWEEN if switched_on else None


def reconcile_nightly(subject: str, _client_for: ClientFor) -> float | None:
    """Begin to read the last two days of a tenant; due again the next night."""
    now, tenant_id = utc_now(), int(subject)
    if not in_one_transaction(lambda: reconciliation.begin(tenant_id, ImportKind.NIGHTLY, now)):
        return None
    zone = db.session.get_one(Tenant, tenant_id).timezone
    return (next_night(now, zone) - now).total_seconds()


def summarise(_subject: str, _client_for: ClientFor) -> float | None:
    """Summarise the days whose calls have changed, for the reports; due again in a minute, or later
    if it took long: on SQLite nobody else can write meanwhile.
    """
    began = perf_counter()
    left = min(summary.summarise(seconds=SECONDS_OF_SUMMARISING), default=0)
    return 0 if left else max(SECONDS_BETWEEN_SUMMARIES, 100 * (perf_counter() - began))


def at_night(subject: str, _client_for: ClientFor) -> float | None:
    """Do the work of this name in NIGHTLY; due again the next night."""
    if subject not in NIGHTLY:  # written by another version, which had this name
        return None
    NIGHTLY[subject]()
    now = utc_now()
    return (next_night(now, own_zone()) - now).total_seconds()


SCHEDULED: dict[str, Job] = {
    RECONCILE: reconcile,
    RECONCILE_NIGHTLY: reconcile_nightly,
    SUMMARISE: summarise,
    AT_NIGHT: at_night,
}


def delete_done_work() -> None:
    """Delete the rows of work that was done a week ago."""
    old = (Work.state == WorkState.DONE, Work.updated_at < utc_now() - DONE_WORK_IS_KEPT)
    in_one_transaction(lambda: db.session.execute(delete(Work).where(*old)))


# Done once a night for the whole installation. Each must be safe to do twice. If it raises, it
# is tried again like all work.
NIGHTLY: dict[str, Callable[[], object]] = {
    DELETE_DONE_WORK: delete_done_work,
    DELETE_EXPIRED_SESSIONS: lambda: session_store.delete_expired(utc_now()),
    DELETE_LOGGED_REQUESTS: lambda: request_log.delete_old(utc_now()),
    DELETE_IMPORTED_FILES: lambda: keeping.delete_old(utc_now()),
    RETENTION: lambda: retention.apply(now=utc_now()),
}


def next_night(now: datetime, timezone: str) -> datetime:
    """The next half past two in a zone, in UTC: nightly work disturbs nobody then."""
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    tonight = datetime.combine(local.date(), NIGHT, zone)
    if tonight <= local:
        tonight = datetime.combine(local.date() + timedelta(days=1), NIGHT, zone)
    return tonight.astimezone(UTC)


def own_zone() -> str:
    """The installation's time zone: that of its first tenant."""
    first = select(Tenant.timezone).order_by(Tenant.id).limit(1)
    return db.session.scalar(first) or "UTC"
