"""Background work: rows of `Work`, done by the worker, remembered whatever happens to it.

`ask` writes a row in the caller's transaction. The worker (`flask worker`) takes what is due and
calls `run_work`. Pages and webhooks use `ask_to_complete`. Why it is so:
docs/adr/0005-background-work.md.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from crm import calls
from crm.callcenterstudio import CallCenterStudioError, Client
from crm.cdr_import import complete_call
from crm.extensions import db
from crm.models import Call, CallState, Tenant, Work, WorkState, utc_now
from crm.models.locking import in_one_transaction, take_write_lock

log = logging.getLogger(__name__)

COMPLETE_CALL = "complete_call"

# Seconds before each next try; together five hours. What is not there then, reconciliation finds.
PAUSES = (2, 4, 8, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 3600, 7200)
FIRST_PAUSE = 2
# Seconds after the last that was heard of a call; its record tells whether it has ended since.
END_IS_LOST_AFTER = 15 * 60
LAST_ATTEMPT = len(PAUSES) + 1
# So long a try belongs to the worker that took it: longer than the vendor is waited for.
LEASE = timedelta(seconds=60)

ClientFor = Callable[[Tenant], Client]


class NotYetError(Exception):
    """The work cannot be done now, without anything being wrong; the text says what is missing."""


def ask_to_complete(call: Call | None, *, now: datetime | None = None) -> None:
    """Have the call's record fetched: soon once it has ended, later if its end is never heard of.

    Call it after everything that is told of a call. The caller commits.
    """
    if call is None or call.complete or call.dial_problem:
        return
    if call.activecallkey or call.transaction_id:
        pause = FIRST_PAUSE if call.state is CallState.ENDED else END_IS_LOST_AFTER
        ask(COMPLETE_CALL, str(call.id), delay=pause, now=now)


def ask(
    kind: str,
    subject: str,
    payload: Mapping[str, Any] | None = None,
    *,
    delay: float = 0,
    now: datetime | None = None,
) -> Work:
    """Write down what is to be done, `delay` seconds from now; flushes, the caller commits.

    Asked for again, it is one row. While that waits, the earlier time counts; when it was done or
    given up, or is wanted earlier, its tries begin anew.
    """
    take_write_lock()
    due = (now or utc_now()) + timedelta(seconds=delay)
    try:
        with db.session.begin_nested():
            return _asked(kind, subject, dict(payload or {}), due)
    except IntegrityError:  # another process asked at the same moment
        return _asked(kind, subject, dict(payload or {}), due)


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
            .values(next_try_at=now + LEASE, attempts=Work.attempts + 1)
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
        if attempt > LAST_ATTEMPT:
            raise NotYetError("The worker was stopped in the middle of every try.")
        KINDS[kind](subject, client_for)
    except NotYetError as missing:
        reason = str(missing)
    except CallCenterStudioError as error:
        reason = str(error)
        retry_after = getattr(error, "retry_after", None)
    else:
        return in_one_transaction(lambda: _done(work_id, attempt))
    pause = max(_pause_after(attempt), retry_after or 0)
    next_try_at = clock() + timedelta(seconds=pause)
    return in_one_transaction(lambda: _later(work_id, attempt, reason, next_try_at))


def _complete(subject: str, client_for: ClientFor) -> None:
    call = calls.find(int(subject))
    if call is None or call.complete or not (call.activecallkey or call.transaction_id):
        return
    tenant_id, key, transaction_id = call.tenant_id, call.activecallkey, call.transaction_id
    client = client_for(db.session.get_one(Tenant, tenant_id))
    if not complete_call(client, tenant_id, activecallkey=key, transaction_id=transaction_id):
        raise NotYetError("Call Center Studio has no record of this call yet.")


KINDS: dict[str, Callable[[str, ClientFor], None]] = {COMPLETE_CALL: _complete}


def _asked(kind: str, subject: str, payload: dict[str, Any], due: datetime) -> Work:
    same = select(Work).where(Work.kind == kind, Work.subject == subject).with_for_update()
    work: Work | None = db.session.scalar(same.execution_options(populate_existing=True))
    if work is None:
        work = Work(kind=kind, subject=subject, payload=payload, next_try_at=due, attempts=0)
        db.session.add(work)
    elif work.state is not WorkState.WAITING or due < work.next_try_at:
        work.state, work.attempts, work.next_try_at = WorkState.WAITING, 0, due
        work.payload, work.last_error = payload, ""
    db.session.flush()
    return work


def _any_due(now: datetime) -> Any:
    due = (Work.state == WorkState.WAITING, Work.next_try_at <= now)
    return select(Work.id).where(*due).limit(1)


def _pause_after(attempt: int) -> float:
    return PAUSES[min(max(attempt, 1), len(PAUSES)) - 1]


def _done(work_id: int, attempt: int) -> WorkState:
    work = _mine(work_id)
    if work.attempts == attempt:  # else it was asked for anew meanwhile
        work.state, work.last_error = WorkState.DONE, ""
    return work.state


def _later(work_id: int, attempt: int, reason: str, next_try_at: datetime) -> WorkState:
    work = _mine(work_id)
    work.last_error = reason
    if work.attempts != attempt:
        return work.state
    if attempt >= LAST_ATTEMPT:
        work.state = WorkState.GIVEN_UP
        log.error("Given up after %d tries: %s %s. %s", attempt, work.kind, work.subject, reason)
        return work.state
    work.next_try_at = next_try_at
    return work.state


def _mine(work_id: int) -> Work:
    return db.session.get_one(Work, work_id, populate_existing=True, with_for_update=True)
