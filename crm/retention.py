"""Retention: how long data is kept, a preview of what a time deletes, and the deletion.

Admins set the times (`crm.pages.settings.retention`); the worker calls `apply` every night. Without
a time, data is kept for ever.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update

from crm.calls import follow_ups
from crm.calls.contact_calls import refresh_contacts
from crm.extensions import db
from crm.models import (
    Call,
    CallCard,
    CallEvent,
    CallLeg,
    ContactEntry,
    FollowUp,
    JoinedCall,
    Listen,
    RetentionKind,
    RetentionTime,
    Tally,
)
from crm.models.call import UNDATED
from crm.models.locking import in_one_transaction, take_write_lock

# Records are read again for less than this; else deleted data would come back the next night.
FEWEST_DAYS = 7
MOST_DAYS = 36_500
AT_ONCE = 500

# (before when, behind which id, now) -> (the last id, 0 at the end; how many were deleted)
Delete = Callable[[datetime, int, datetime], tuple[int, int]]


@dataclass(frozen=True)
class Going:
    """What a retention time deletes."""

    kind: RetentionKind
    days: int
    count: int
    before: datetime  # older rows are deleted


@dataclass(frozen=True)
class LastRun:
    """When old data of a kind was last deleted, and how many rows."""

    at: datetime
    deleted: int


def times() -> dict[RetentionKind, int | None]:
    """Days that each kind is kept, None for ever."""
    found = {row.kind: row.days for row in db.session.scalars(select(RetentionTime))}
    return {kind: found.get(kind) for kind in RetentionKind}


def set_times(days: Mapping[RetentionKind, int | None]) -> None:
    """Set how long each kind is kept, FEWEST_DAYS to MOST_DAYS, None for ever; flushes.

    Raises ValueError for other numbers.
    """
    take_write_lock()
    for kind, number in days.items():
        if number is None:
            db.session.execute(delete(RetentionTime).where(RetentionTime.kind == kind))
        elif FEWEST_DAYS <= number <= MOST_DAYS:
            db.session.merge(RetentionTime(kind=kind, days=number))
        else:
            raise ValueError(f"{number} days")
    db.session.flush()


def what_would_go(days: Mapping[RetentionKind, int | None], *, now: datetime) -> list[Going]:
    """What these times would delete if they were applied now; reads only."""
    found = []
    for kind, number in days.items():
        if number is None:
            continue
        before = now - timedelta(days=number)
        if kind is RetentionKind.CALLS:
            statement = select(func.count()).select_from(Call).where(_is_old(before))
        elif kind is RetentionKind.HISTORY:
            done = select(func.count()).select_from(FollowUp).where(FollowUp.done_at < before)
            count = db.session.scalar(done) or 0
            statement = select(func.count() + count).select_from(ContactEntry)
            statement = statement.where(ContactEntry.at < before)
        elif kind is RetentionKind.LISTENS:
            statement = select(func.count()).select_from(Listen).where(Listen.listened_at < before)
        else:
            events = select(func.count(CallEvent.id)).outerjoin(Call, Call.id == CallEvent.call_id)
            statement = events.where(or_(_is_old(before), _is_nobodys(before)))
        found.append(Going(kind, number, db.session.scalar(statement) or 0, before))
    return found


def apply(*, now: datetime) -> dict[RetentionKind, int]:
    """Delete data older than its time, some hundred rows at once; returns how many of each kind.

    Commits after each piece, so nobody waits long for it, and a stopped run goes on the next time.
    """
    found = {}
    for kind, days in times().items():
        if days is None:
            continue
        db.session.rollback()
        last = deleted = 0
        while True:
            delete_some = partial(_DELETES[kind], now - timedelta(days=days), last, now)
            last, some = in_one_transaction(delete_some)
            deleted += some
            if not last:
                break
        found[kind] = deleted
        run = Tally(name=_tally_of(kind), count=deleted, last_at=now)
        in_one_transaction(partial(db.session.merge, run))
    return found


def last_runs() -> dict[RetentionKind, LastRun]:
    """The last run of each kind that ever had one."""
    names = {_tally_of(kind): kind for kind in RetentionKind}
    rows = db.session.scalars(select(Tally).where(Tally.name.in_(names)))
    return {names[row.name]: LastRun(row.last_at, row.count) for row in rows}


def _is_old(before: datetime) -> ColumnElement[bool]:
    """A call without a date counts from the day on which it was recorded."""
    undated = Call.started_at == UNDATED
    return (Call.started_at < before) & (~undated | (Call.created_at < before))


def _is_nobodys(before: datetime) -> ColumnElement[bool]:
    """A post that named no call."""
    return CallEvent.call_id.is_(None) & (CallEvent.received_at < before)


def _delete_events(before: datetime, after: int, now: datetime) -> tuple[int, int]:
    """Events of the next old calls; the rows are archived, as they cannot be folded again."""
    has_events = exists().where(CallEvent.call_id == Call.id)
    ids = _next_calls(before, after, has_events)
    if not ids:
        return 0, _deleted(CallEvent, _is_nobodys(before))
    archive = update(Call).where(Call.id.in_(ids), Call.archived_at.is_(None))
    db.session.execute(archive.values(archived_at=now, updated_at=Call.updated_at))
    return ids[-1], _deleted(CallEvent, CallEvent.call_id.in_(ids))


def _delete_calls(before: datetime, after: int, _now: datetime) -> tuple[int, int]:
    ids = _next_calls(before, after)
    if not ids:
        return 0, 0
    contact_ids = set(db.session.scalars(select(Call.contact_id).where(Call.id.in_(ids))))
    follow_ups.calls_go(ids)
    for table in (CallEvent, CallCard, CallLeg, JoinedCall, Listen):
        db.session.execute(delete(table).where(table.call_id.in_(ids)))
    deleted = _deleted(Call, Call.id.in_(ids))
    refresh_contacts(contact_ids)
    return ids[-1], deleted


def _delete_listens(before: datetime, after: int, _now: datetime) -> tuple[int, int]:
    old = select(Listen.id).where(Listen.listened_at < before, Listen.id > after)
    ids = list(db.session.scalars(old.order_by(Listen.id).limit(AT_ONCE)))
    return (ids[-1], _deleted(Listen, Listen.id.in_(ids))) if ids else (0, 0)


def _delete_history(before: datetime, after: int, _now: datetime) -> tuple[int, int]:
    """Notes on contacts and their changes; with the last of them, follow-ups that are done."""
    old = select(ContactEntry.id).where(ContactEntry.at < before, ContactEntry.id > after)
    ids = list(db.session.scalars(old.order_by(ContactEntry.id).limit(AT_ONCE)))
    if not ids:
        return 0, _deleted(FollowUp, FollowUp.done_at < before)
    return ids[-1], _deleted(ContactEntry, ContactEntry.id.in_(ids))


_DELETES: dict[RetentionKind, Delete] = {
    RetentionKind.EVENTS: _delete_events,
    RetentionKind.CALLS: _delete_calls,
    RetentionKind.LISTENS: _delete_listens,
    RetentionKind.HISTORY: _delete_history,
}


def _next_calls(before: datetime, after: int, *conditions: ColumnElement[bool]) -> list[int]:
    """Ids of the next calls that are old enough, locked."""
    old = select(Call.id).where(_is_old(before), Call.id > after, *conditions)
    return list(db.session.scalars(old.order_by(Call.id).limit(AT_ONCE).with_for_update()))


def _deleted(table: type[db.Model], condition: ColumnElement[bool]) -> int:  # type: ignore[name-defined]
    statement = delete(table).where(condition).execution_options(synchronize_session=False)
    return int(db.session.connection().execute(statement).rowcount)


def _tally_of(kind: RetentionKind) -> str:
    return f"retention of {kind.value}, last run"
