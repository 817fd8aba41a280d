"""Folds what the webhooks wrote down into the calls it tells of.

`crm.telephony.webhooks` answers the vendor after writing one row of `Arrival`; the worker calls
`fold_arrivals` once a second. Why it is so: docs/adr/0013-arrivals.md.
"""

import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Select, func, or_, select
from sqlalchemy.exc import OperationalError

from crm import calls
from crm.extensions import db
from crm.models import (
    Arrival,
    Call,
    EventSource,
    Tenant,
    Work,
    WorkState,
    fullness,
    inbox,
    utc_now,
)
from crm.models.locking import in_one_transaction
from crm.telephony.complete import COMPLETE_CALL, ask_to_complete

log = logging.getLogger(__name__)

AT_ONCE = 500
# Of the worker's clock, which comes by once a second and has other work to find.
LONGEST_SECONDS = 0.8
# While more come than can be folded, answering them goes first: rows can wait, the vendor may not.
LONGEST_SECONDS_IN_A_FLOOD = 0.2
# Before an arrival that could not be folded is tried again: a minute, doubled each time to a day.
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(days=1)
LONGEST_ERROR = 500
# SQLite has one write lock and gives it to whoever asks at the right moment: between two arrivals
# the pages get theirs, or a long backlog would keep agents waiting.
SECONDS_BETWEEN = 0.005
BETWEEN_LOOKS_FOR_ROOM = timedelta(minutes=1)
KEPT_AT = "tenants without room"

Fold = Callable[..., Call | None]
FOLDS: dict[EventSource, Fold] = {
    EventSource.HANGUP: calls.record_hangup,
    EventSource.NOTIFICATION: calls.record_notification,
}


def fold_arrivals(
    limit: int = AT_ONCE,
    *,
    seconds: float = LONGEST_SECONDS,
    now: datetime | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Fold what has arrived, oldest first, for so many `seconds` at most; how many were folded.

    Each is folded, its record asked for and the arrival deleted in one transaction, so a worker
    that is killed leaves it whole. One that cannot be folded is kept, logged and tried later; it
    holds up no other. Commits.
    """
    now = now or utc_now()
    inbox.take_over()
    waiting = list(db.session.scalars(_waiting(now, _without_room(now)).limit(limit)))
    if len(waiting) == AT_ONCE and _is_flood(now):
        seconds = min(seconds, LONGEST_SECONDS_IN_A_FLOOD)
    until = clock() + seconds
    folded = 0
    db.session.rollback()  # nobody's lock is held while the first one is folded
    for arrival_id in waiting:
        if clock() >= until:
            break
        folded += _fold_or_keep(arrival_id, now)
        if db.engine.dialect.name == "sqlite":
            time.sleep(SECONDS_BETWEEN)
    return folded


def _waiting(now: datetime, full: Collection[int]) -> Select[int]:
    due = or_(Arrival.next_try_at.is_(None), Arrival.next_try_at <= now)
    return select(Arrival.id).where(due, Arrival.tenant_id.not_in(full)).order_by(Arrival.id)


def _without_room(now: datetime) -> list[int]:
    """Tenants of which no more is read until records come; looked at once a minute."""
    last: tuple[datetime, list[int]] | None = current_app.extensions.get(KEPT_AT)
    if last is not None and timedelta() <= now - last[0] < BETWEEN_LOOKS_FOR_ROOM:
        return last[1]
    full = _unconfirmed(now)
    current_app.extensions[KEPT_AT] = (now, full)
    return full


def _unconfirmed(now: datetime) -> list[int]:
    """Counted by tenant only when so much waits altogether."""
    undone = Work.state.in_((WorkState.WAITING, WorkState.GIVEN_UP))
    waits = select(Work.id).where(undone, Work.kind == COMPLETE_CALL)
    many = select(func.count()).select_from(waits.limit(fullness.MOST_UNCONFIRMED).subquery())
    if (db.session.scalar(many) or 0) < fullness.MOST_UNCONFIRMED:
        return []
    return fullness.tenants_without_records(now)


def _is_flood(now: datetime) -> bool:
    """Whether they keep coming, by the newest one."""
    newest = db.session.scalar(select(Arrival.received_at).order_by(Arrival.id.desc()).limit(1))
    return newest is not None and now - newest < timedelta(seconds=1)


def _fold_or_keep(arrival_id: int, now: datetime) -> bool:
    try:
        return in_one_transaction(lambda: _fold(arrival_id))
    except OperationalError:  # the database's trouble, not the arrival's: all are tried again soon
        raise
    except Exception as error:  # whatever somebody can write must not hold up what others wrote
        db.session.rollback()
        log.exception("Arrival %d cannot be folded; it is kept and tried later.", arrival_id)
        # The first line says what is wrong; a database quotes below what somebody sent.
        reason = f"{type(error).__name__}: {error}".partition("\n")[0][:LONGEST_ERROR]
        in_one_transaction(lambda: _keep(arrival_id, reason, now))
        return False


def _fold(arrival_id: int) -> bool:
    arrival = _mine(arrival_id)
    if arrival is None:  # another worker has it, or had it
        return False
    tenant = db.session.get_one(Tenant, arrival.tenant_id)
    fold = FOLDS[arrival.source]
    ask_to_complete(fold(tenant, arrival.payload, received_at=arrival.received_at))
    db.session.delete(arrival)
    return True


def _keep(arrival_id: int, reason: str, now: datetime) -> None:
    arrival = _mine(arrival_id)
    if arrival is not None:
        pause = min(FIRST_PAUSE * 2**arrival.attempts, LONGEST_PAUSE)
        arrival.attempts += 1
        arrival.last_error, arrival.next_try_at = reason, now + pause


def _mine(arrival_id: int) -> Arrival | None:
    statement = select(Arrival).where(Arrival.id == arrival_id)
    return db.session.scalar(statement.with_for_update(skip_locked=True))
