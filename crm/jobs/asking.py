"""Writes down what is to be done, in the transaction of the event that asks for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.extensions import db
from crm.models import Work, WorkState, utc_now
from crm.models.locking import take_write_lock


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


def _asked(kind: str, subject: str, payload: dict[str, Any], due: datetime) -> Work:
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
