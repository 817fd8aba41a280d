"""How the background work stands, and trying it again. The settings pages read it.

Lists go by key: a page begins `after` the last row of the page before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, func, or_, select, update

from crm.extensions import db
from crm.models import Work, WorkState
from crm.models.locking import in_one_transaction
from crm.models.paging import Cursor, page_of

# A worker looks for work once a second; so long it may be busy with what it took before.
NOBODY_WORKS_AFTER = timedelta(seconds=30)


class WorkList(StrEnum):
    """The three lists of work that is not done. FAILED is what was given up."""

    FAILED = "failed"
    RUNNING = "running"
    WAITING = "waiting"


@dataclass(frozen=True)
class Standing:
    """How many rows each list has. overdue_since: set when no worker seems to run."""

    failed: int
    running: int
    waiting: int
    overdue_since: datetime | None


def standing(*, now: datetime) -> Standing:
    """The whole picture, of rows that are not done."""
    counts = {which: _count(which, now) for which in WorkList}
    return Standing(
        failed=counts[WorkList.FAILED],
        running=counts[WorkList.RUNNING],
        waiting=counts[WorkList.WAITING],
        overdue_since=None if counts[WorkList.RUNNING] else _overdue_since(now),
    )


def listed(
    which: WorkList, *, now: datetime, after: Cursor | None = None, limit: int = 50
) -> list[Work]:
    """Rows of one list: what was given up last, or what is tried next, comes first."""
    statement = select(Work).where(*_of(which, now))
    key = Work.next_try_at, Work.id
    page = page_of(statement, key, after, limit, ascending=which is not WorkList.FAILED)
    return list(db.session.scalars(page))


def retry(work_id: int, *, now: datetime) -> bool:
    """Have it tried at once, with all its tries anew; commits.

    False when there is nothing to try: it is done, a worker is at it, or there is no such work.
    """
    return _try_anew([Work.id == work_id, ~_runs(now)], now) == 1


def retry_all(*, now: datetime) -> int:
    """Have everything that was given up tried at once; commits. Returns how many rows."""
    return _try_anew([Work.state == WorkState.GIVEN_UP], now)


def _count(which: WorkList, now: datetime) -> int:
    return db.session.scalar(select(func.count()).select_from(Work).where(*_of(which, now))) or 0


def _of(which: WorkList, now: datetime) -> list[ColumnElement[bool]]:
    if which is WorkList.FAILED:
        return [Work.state == WorkState.GIVEN_UP]
    return [
        Work.state == WorkState.WAITING,
        _runs(now) if which is WorkList.RUNNING else ~_runs(now),
    ]


def _runs(now: datetime) -> ColumnElement[bool]:
    """A worker took it and its lease is not over; after that it is due again."""
    return and_(Work.taken_at.is_not(None), Work.next_try_at > now)


def _overdue_since(now: datetime) -> datetime | None:
    """Since when work is due that nobody takes. A worker that is only behind leaves traces."""
    long_ago = now - NOBODY_WORKS_AFTER
    due = (Work.state == WorkState.WAITING, Work.next_try_at <= long_ago)
    oldest = db.session.scalar(
        select(Work.next_try_at).where(*due).order_by(Work.next_try_at).limit(1)
    )
    if oldest is None:
        return None
    tried = select(Work.id).where(Work.updated_at > long_ago, Work.attempts > 0).limit(1)
    return None if db.session.scalar(tried) else oldest


def _try_anew(which: Iterable[ColumnElement[bool]], now: datetime) -> int:
    undone = or_(Work.state == WorkState.WAITING, Work.state == WorkState.GIVEN_UP)
    anew: dict[str, Any] = {"state": WorkState.WAITING, "attempts": 0, "next_try_at": now}

    def change() -> int:
        statement = update(Work).where(undone, *which).values(taken_at=None, **anew)
        options = {"synchronize_session": False}
        changed = db.session.execute(statement, execution_options=options)
        return cast(CursorResult[Any], changed).rowcount

    return in_one_transaction(change)
