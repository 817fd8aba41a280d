"""The state of the background work, and retrying it, for the settings pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, func, select, update

from crm.extensions import db
from crm.models import Work, WorkState
from crm.models.locking import in_one_transaction
from crm.models.paging import Cursor, page_of

# A worker looks for work once a second, but may be busy for a while with earlier work.
NOBODY_WORKS_AFTER = timedelta(seconds=30)


class WorkList(StrEnum):
    """The three lists of work that is not done."""

    FAILED = "failed"  # given up
    RUNNING = "running"
    WAITING = "waiting"

    def rows(self, now: datetime) -> list[ColumnElement[bool]]:
        """The conditions for a row to be in this list."""
        if self is WorkList.FAILED:
            return [Work.state == WorkState.GIVEN_UP]
        runs = _runs(now)
        return [Work.state == WorkState.WAITING, runs if self is WorkList.RUNNING else ~runs]


@dataclass(frozen=True)
class Standing:
    """How many rows each list has."""

    failed: int
    running: int
    waiting: int
    overdue_since: datetime | None  # set when no worker seems to run


def standing(*, now: datetime) -> Standing:
    """How many rows each list has, and since when due work is not taken."""
    failed, running, waiting = (
        db.session.scalar(select(func.count()).select_from(Work).where(*one.rows(now))) or 0
        for one in WorkList
    )
    long_ago = now - NOBODY_WORKS_AFTER
    due = (Work.state == WorkState.WAITING, Work.next_try_at <= long_ago)
    oldest = select(Work.next_try_at).where(*due).order_by(Work.next_try_at).limit(1)
    # A worker that is only behind has done some work recently.
    tried = select(Work.id).where(Work.updated_at > long_ago, Work.attempts > 0).limit(1)
    overdue_since = None if running else db.session.scalar(oldest)
    if overdue_since is not None and db.session.scalar(tried) is not None:
        overdue_since = None
    return Standing(failed, running, waiting, overdue_since)


def listed(
    which: WorkList, *, now: datetime, after: Cursor | None = None, limit: int = 50
) -> list[Work]:
    """Rows of one list: the last to be given up, or the next to be tried, comes first."""
    statement = select(Work).where(*which.rows(now))
    key = Work.next_try_at, Work.id
    page = page_of(statement, key, after, limit, ascending=which is not WorkList.FAILED)
    return list(db.session.scalars(page))


def retry(work_id: int, *, now: datetime) -> bool:
    """Make one piece of work due at once, with all its tries; commits.

    False if there is nothing to try: it is done, a worker is doing it, or it does not exist.
    """
    undone = Work.state.in_((WorkState.WAITING, WorkState.GIVEN_UP))
    return _try_anew([Work.id == work_id, undone, ~_runs(now)], now) == 1


def retry_all(*, now: datetime) -> int:
    """Make all work that was given up due at once; commits. Returns how many rows."""
    return _try_anew([Work.state == WorkState.GIVEN_UP], now)


def _runs(now: datetime) -> ColumnElement[bool]:
    """Whether a worker has taken it and the lease is not over; after that it is due again."""
    return and_(Work.taken_at.is_not(None), Work.next_try_at > now)


def _try_anew(which: Sequence[ColumnElement[bool]], now: datetime) -> int:
    anew = {"state": WorkState.WAITING, "attempts": 0, "next_try_at": now, "taken_at": None}
    statement = update(Work).where(*which).values(anew)
    options = {"synchronize_session": False}

    def change() -> int:
        changed = db.session.execute(statement, execution_options=options)
        return cast(CursorResult[Any], changed).rowcount

    return in_one_transaction(change)
