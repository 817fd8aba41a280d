"""Background work: the definition of a job, and `enqueue`, which stores a request for one.

The worker (`crm.worker`) takes the rows. The reasons: docs/adr/0005-background-work.md.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.callcenterstudio import Client
from crm.extensions import db
from crm.models import Tenant, Work, WorkState, utc_now
from crm.models.locking import take_write_lock

ClientFor = Callable[[Tenant], Client]
# Returns the seconds until it wants to run again, None if it is finished. The next run is a new
# task, with all its tries, so a long piece of work can go on page by page.
Job = Callable[[str, ClientFor], float | None]
# Called when a kind of work is given up, with the subject and the reason in words.
GivenUp = Callable[[str, str], None]


class NotYetError(Exception):
    """The work cannot be done yet, though nothing is wrong; the text says what is missing."""


def enqueue(
    kind: str,
    subject: str,
    payload: Mapping[str, Any] | None = None,
    *,
    delay: float = 0,
    now: datetime | None = None,
) -> Work:
    """Store a request for work, due `delay` seconds from now; flushes, the caller commits.

    A repeated request is one row. While it waits, the earlier time counts. If it was done or given
    up, or is wanted earlier, it gets all its tries again.
    """
    take_write_lock()
    due = (now or utc_now()) + timedelta(seconds=delay)
    try:
        with db.session.begin_nested():
            return _written(kind, subject, dict(payload or {}), due)
    except IntegrityError:  # another process asked at the same moment
        return _written(kind, subject, dict(payload or {}), due)


def _written(kind: str, subject: str, payload: dict[str, Any], due: datetime) -> Work:
    same = select(Work).where(Work.kind == kind, Work.subject == subject).with_for_update()
    work: Work | None = db.session.scalar(same.execution_options(populate_existing=True))
    if work is None:
        work = Work(kind=kind, subject=subject, payload=payload, next_try_at=due, attempts=0)
        db.session.add(work)
    elif work.state is not WorkState.WAITING or due < work.next_try_at:
        work.state, work.attempts, work.next_try_at = WorkState.WAITING, 0, due
        work.payload, work.last_error, work.taken_at = payload, "", None
    db.session.flush()
    return work
