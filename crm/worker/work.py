"""Takes due rows of work and does them. Failed work is retried, and finally given up with a reason.

`flask worker` calls `take_due` and `run_work`. KINDS has the function for each kind of work.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from crm.background import ClientFor, GivenUp, Job, NotYetError
from crm.callcenterstudio import CallCenterStudioError
from crm.contact_files import job as contact_import
from crm.contact_files import runs as contact_imports
from crm.extensions import db
from crm.models import Work, WorkState, utc_now
from crm.models.locking import in_one_transaction
from crm.telephony.import_job import import_failed, read_next_page
from crm.telephony.import_runs import IMPORT_CDRS, RECONCILE_CDRS
from crm.telephony.records import COMPLETE_CALL, complete
from crm.worker import schedule
from crm.worker.vacuum import VACUUM, clean_files

log = logging.getLogger(__name__)

# Seconds before each next try; five hours together. Later records are found by reconciliation.
PAUSES = (2, 4, 8, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 3600, 7200)
LAST_ATTEMPT = len(PAUSES) + 1
LEASE = timedelta(seconds=60)  # longer than the client waits for the vendor

KINDS: dict[str, Job] = {
    COMPLETE_CALL: complete,
    IMPORT_CDRS: read_next_page,
    contact_imports.IMPORT_CONTACTS: contact_import.work,
    RECONCILE_CDRS: read_next_page,
    VACUUM: clean_files,
    **schedule.SCHEDULED,
}
# People wait for an import, so it fails after some forty minutes.
LAST_ATTEMPTS: dict[str, int] = {
    IMPORT_CDRS: 11,
    RECONCILE_CDRS: 5,
    contact_imports.IMPORT_CONTACTS: 5,
}
WHEN_GIVEN_UP: dict[str, GivenUp] = {
    IMPORT_CDRS: import_failed,
    RECONCILE_CDRS: import_failed,
    contact_imports.IMPORT_CONTACTS: contact_imports.stopped,
}


def take_due(*, now: datetime, limit: int = 50) -> list[int]:
    """Take due rows and return their ids: no other worker gets them before LEASE is over.

    A worker that is killed leaves rows that become due again. Commits.
    """
    due = (Work.state == WorkState.WAITING, Work.next_try_at <= now)

    def take() -> list[int]:
        first = select(Work.id).where(*due).order_by(Work.next_try_at, Work.id).limit(limit)
        taken = (
            update(Work)
            .where(Work.id.in_(first.with_for_update(skip_locked=True)), *due)
            .values(next_try_at=now + LEASE, attempts=Work.attempts + 1, taken_at=now)
            .returning(Work.id)
            .execution_options(synchronize_session=False)
        )
        return sorted(db.session.scalars(taken))

    if db.session.scalar(select(Work.id).where(*due).limit(1)) is None:
        db.session.rollback()  # the usual answer takes no write lock
        return []
    return in_one_transaction(take)


def run_work(
    work_id: int, *, client_for: ClientFor, clock: Callable[[], datetime] = utc_now
) -> WorkState:
    """Do one piece of work that `take_due` returned. Returns its new state. Commits.

    Failed work is retried and finally given up; the row keeps the reason. client_for: makes the
    client of a tenant.
    """
    work = db.session.get_one(Work, work_id, populate_existing=True)
    if work.state is not WorkState.WAITING:
        return work.state
    kind, subject, attempt = work.kind, work.subject, work.attempts
    last_attempt = LAST_ATTEMPTS.get(kind, LAST_ATTEMPT)
    failure: str | None = None
    again_after, retry_after = None, 0.0
    try:
        if attempt > last_attempt:
            raise NotYetError("The worker was stopped in the middle of every try.")
        again_after = KINDS[kind](subject, client_for)
    except NotYetError as missing:
        failure = str(missing)
    except CallCenterStudioError as error:
        failure = error.happened
        retry_after = getattr(error, "retry_after", None) or 0.0
    now = clock()

    def write_down() -> WorkState:
        work = db.session.get_one(Work, work_id, populate_existing=True, with_for_update=True)
        if failure is not None:
            work.last_error = failure
        if work.attempts != attempt:  # it was requested again meanwhile
            return work.state
        work.taken_at = None
        if failure is None:
            work.last_error = ""
            if again_after is None:
                work.state = WorkState.DONE
            else:  # this task is done but the work is not: the next task has all its tries
                work.attempts, work.next_try_at = 0, now + timedelta(seconds=again_after)
        elif attempt < last_attempt:
            pause = max(PAUSES[min(max(attempt, 1), len(PAUSES)) - 1], retry_after)
            work.next_try_at = now + timedelta(seconds=pause)
        else:
            work.state = WorkState.GIVEN_UP
            if kind in WHEN_GIVEN_UP:
                WHEN_GIVEN_UP[kind](subject, failure)
            log.error("Given up after %d tries: %s %s. %s", attempt, kind, subject, failure)
        return work.state

    return in_one_transaction(write_down)
