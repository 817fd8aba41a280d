"""Takes due work and does it; what fails is tried later, and at last given up loudly.

Called by the worker (`flask worker`). Why it is so: docs/adr/0005-background-work.md.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from crm.background import ClientFor, GivenUp, Job, NotYetError
from crm.callcenterstudio import CallCenterStudioError
from crm.extensions import db
from crm.models import Work, WorkState, utc_now
from crm.models.locking import in_one_transaction
from crm.telephony.complete import COMPLETE_CALL, complete
from crm.telephony.import_work import IMPORT_CDRS, RECONCILE_CDRS, import_failed, read_next_page
from crm.worker import schedule
from crm.worker.vacuum import VACUUM, clean_files

log = logging.getLogger(__name__)

# Seconds before each next try; together five hours. What is not there then, reconciliation finds.
PAUSES = (2, 4, 8, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 3600, 7200)
LAST_ATTEMPT = len(PAUSES) + 1
# So long a try belongs to the worker that took it: longer than the vendor is waited for.
LEASE = timedelta(seconds=60)

KINDS: dict[str, Job] = {
    COMPLETE_CALL: complete,
    IMPORT_CDRS: read_next_page,
    RECONCILE_CDRS: read_next_page,
    VACUUM: clean_files,
    **schedule.SCHEDULED,
}
# People wait for an import: it says after some forty minutes that it failed.
LAST_ATTEMPTS: dict[str, int] = {IMPORT_CDRS: 11, RECONCILE_CDRS: 5}
WHEN_GIVEN_UP: dict[str, GivenUp] = {IMPORT_CDRS: import_failed, RECONCILE_CDRS: import_failed}


def take_due(*, now: datetime, limit: int = 50) -> list[int]:
    """Take what is due and return its ids: no other worker gets it before LEASE is over.

    A worker that is killed leaves rows that become due again. Commits.
    """

    def take() -> list[int]:
        due = (Work.state == WorkState.WAITING, Work.next_try_at <= now)
        first = select(Work.id).where(*due).order_by(Work.next_try_at, Work.id).limit(limit)
        taken = (
            update(Work)
            .where(Work.id.in_(first.with_for_update(skip_locked=True)), *due)
            .values(next_try_at=now + LEASE, attempts=Work.attempts + 1, taken_at=now)
            .returning(Work.id)
            .execution_options(synchronize_session=False)
        )
        return sorted(db.session.scalars(taken))

    if db.session.scalar(_any_due(now)) is None:  # the usual answer takes no write lock
        db.session.rollback()
        return []
    return in_one_transaction(take)


def run_work(
    work_id: int, *, client_for: ClientFor, clock: Callable[[], datetime] = utc_now
) -> WorkState:
    """Do one piece of work that `take_due` returned; commits. Returns what has become of it.

    What fails is tried later and at last given up; the row keeps the reason. client_for: makes the
    client of a tenant.
    """
    work = db.session.get_one(Work, work_id, populate_existing=True)
    if work.state is not WorkState.WAITING:
        return work.state
    kind, subject, attempt = work.kind, work.subject, work.attempts
    retry_after = None
    try:
        if attempt > _last_attempt(kind):
            raise NotYetError("The worker was stopped in the middle of every try.")
        again_after = KINDS[kind](subject, client_for)
    except NotYetError as missing:
        reason = str(missing)
    except CallCenterStudioError as error:
        reason = error.happened
        retry_after = getattr(error, "retry_after", None)
    else:
        if again_after is None:
            return in_one_transaction(lambda: _done(work_id, attempt))
        again_at = clock() + timedelta(seconds=again_after)
        return in_one_transaction(lambda: _again(work_id, attempt, again_at))
    pause = max(_pause_after(attempt), retry_after or 0)
    next_try_at = clock() + timedelta(seconds=pause)
    return in_one_transaction(lambda: _later(work_id, attempt, reason, next_try_at))


def _any_due(now: datetime) -> Any:
    due = (Work.state == WorkState.WAITING, Work.next_try_at <= now)
    return select(Work.id).where(*due).limit(1)


def _last_attempt(kind: str) -> int:
    return LAST_ATTEMPTS.get(kind, LAST_ATTEMPT)


def _pause_after(attempt: int) -> float:
    return PAUSES[min(max(attempt, 1), len(PAUSES)) - 1]


def _done(work_id: int, attempt: int) -> WorkState:
    work = _mine(work_id)
    if work.attempts == attempt:  # else it was asked for anew meanwhile
        work.state, work.last_error, work.taken_at = WorkState.DONE, "", None
    return work.state


def _again(work_id: int, attempt: int, again_at: datetime) -> WorkState:
    """This task is done and the work is not: the next task has all its tries."""
    work = _mine(work_id)
    if work.attempts == attempt:
        work.attempts, work.next_try_at, work.last_error, work.taken_at = 0, again_at, "", None
    return work.state


def _later(work_id: int, attempt: int, reason: str, next_try_at: datetime) -> WorkState:
    work = _mine(work_id)
    work.last_error = reason
    if work.attempts != attempt:
        return work.state
    work.taken_at = None
    if attempt >= _last_attempt(work.kind):
        work.state = WorkState.GIVEN_UP
        if work.kind in WHEN_GIVEN_UP:
            WHEN_GIVEN_UP[work.kind](work.subject, reason)
        log.error("Given up after %d tries: %s %s. %s", attempt, work.kind, work.subject, reason)
        return work.state
    work.next_try_at = next_try_at
    return work.state


def _mine(work_id: int) -> Work:
    return db.session.get_one(Work, work_id, populate_existing=True, with_for_update=True)
