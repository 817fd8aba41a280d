"""What the worker does by the clock: reconciliation every few minutes, and what is done at night.

Each of these is a row of `Work` that wants to be done again after it was done, so it outlives
restarts and two workers never do it twice. `ensure` sees to it that the rows are there: the
worker's clock calls it. To have something done every night, add it to NIGHTLY.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from crm.background import ClientFor, Job, enqueue
from crm.extensions import db
from crm.models import Tenant, Work, WorkState, utc_now
from crm.models.locking import in_one_transaction
from crm.telephony import reconciling, session_store
from crm.worker import retention
from crm.worker.nights import next_night, own_zone

RECONCILE = "reconcile"
RECONCILE_NIGHTLY = "reconcile_nightly"
AT_NIGHT = "at_night"
SECONDS_BETWEEN = 5 * 60.0
DONE_WORK_IS_KEPT = timedelta(days=7)
# So long a row that was given up is left as it is, for people to see.
FAILURE_IS_SHOWN = timedelta(hours=20)


def delete_done_work(_subject: str, _client_for: ClientFor) -> None:
    """Forget the work that was done a week ago."""
    old = (Work.state == WorkState.DONE, Work.updated_at < utc_now() - DONE_WORK_IS_KEPT)
    in_one_transaction(lambda: db.session.execute(delete(Work).where(*old)))


def delete_expired_sessions(_subject: str, _client_for: ClientFor) -> None:
    """Delete the telephony sessions that have expired."""
    session_store.delete_expired(utc_now())


# Name -> what is done once a night for the whole installation. It gets its name as subject and
# must bear to be done twice; what it raises is tried again as all work is.
NIGHTLY: dict[str, Job] = {
    "delete_done_work": delete_done_work,
    "delete_expired_sessions": delete_expired_sessions,
    retention.NAME: retention.apply_retention,
}


def ensure(now: datetime) -> None:
    """Write down what is to be done by the clock and is not written down yet; commits."""
    missing = _missing(now)
    db.session.rollback()
    if missing:
        in_one_transaction(lambda: _ask_all(missing, now))


def reconcile(subject: str, _client_for: ClientFor) -> float | None:
    """Begin to read the last hours of a tenant; again in some minutes, None when switched off."""
    return _begun(subject, reconciling.begin, SECONDS_BETWEEN)


def reconcile_nightly(subject: str, _client_for: ClientFor) -> float | None:
    """Begin to read the last two days of a tenant; again in the next night."""
    now = utc_now()
    tenant = db.session.get(Tenant, int(subject))
    wait = (next_night(now, tenant.timezone) - now).total_seconds() if tenant else 0.0
    return _begun(subject, reconciling.begin_nightly, wait)


def at_night(subject: str, client_for: ClientFor) -> float | None:
    """Do what NIGHTLY has under this name; again in the next night."""
    job = NIGHTLY.get(subject)
    if job is None:  # a version that knew it wrote this down
        return None
    job(subject, client_for)
    now = utc_now()
    return (next_night(now, own_zone()) - now).total_seconds()


SCHEDULED: dict[str, Job] = {
    RECONCILE: reconcile,
    RECONCILE_NIGHTLY: reconcile_nightly,
    AT_NIGHT: at_night,
}


def _begun(
    subject: str, begin: Callable[[int, datetime], bool], again_after: float
) -> float | None:
    db.session.rollback()
    switched_on = in_one_transaction(lambda: begin(int(subject), utc_now()))
    return again_after if switched_on else None


def _missing(now: datetime) -> list[tuple[str, str, datetime]]:
    wanted = [(AT_NIGHT, name, next_night(now, own_zone())) for name in NIGHTLY]
    for tenant in reconciling.tenants():
        wanted.append((RECONCILE, str(tenant.id), now))
        wanted.append((RECONCILE_NIGHTLY, str(tenant.id), next_night(now, tenant.timezone)))
    there = _there(now)
    return [one for one in wanted if one[:2] not in there]


def _there(now: datetime) -> set[tuple[str, str]]:
    waits = Work.state == WorkState.WAITING
    shown = (Work.state == WorkState.GIVEN_UP) & (Work.updated_at > now - FAILURE_IS_SHOWN)
    statement = select(Work.kind, Work.subject)
    rows = db.session.execute(statement.where(Work.kind.in_(SCHEDULED), or_(waits, shown)))
    return {(kind, subject) for kind, subject in rows}


def _ask_all(missing: list[tuple[str, str, datetime]], now: datetime) -> None:
    for kind, subject, due in missing:
        enqueue(kind, subject, delay=(due - now).total_seconds(), now=now)
