"""Marks missed calls done, and takes that back; who did it, and when.

Both are events of the calls, so rows that are joined stay done and nothing of it is forgotten.
`crm.pages.missed` calls these. Everything flushes, the caller commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_

from crm.calls.events import MISSED_DONE, MISSED_UNDONE, Event, digest_of
from crm.calls.missed import IS_MISSED, same_caller
from crm.calls.rows import place
from crm.extensions import db
from crm.models import Agent, Call, CallEvent, EventSource
from crm.models.locking import take_write_lock


@dataclass(frozen=True)
class WorkedOff:
    """Who marked a missed call done first, and when."""

    agent_id: int
    agent_name: str
    at: datetime


def mark_done(seen: Call, agent_id: int, *, at: datetime) -> WorkedOff | None:
    """Mark done what an agent saw of a caller: `seen`, the newest of the calls, and those before.

    A call that came in meanwhile stays. Returns who was first: another agent, where two did it.
    None when `seen` is no missed call any more.
    """
    same = [Call.id == seen.id]
    if seen.normal_form is not None:
        before = tuple_(Call.started_at, Call.id) <= tuple_(seen.started_at, seen.id)
        same = [*same_caller(seen), before]
    statement = select(Call).where(*IS_MISSED, Call.tenant_id == seen.tenant_id, *same)
    for call in db.session.scalars(statement.order_by(Call.id)).all():
        _record(call, MISSED_DONE, agent_id, at, before=MISSED_UNDONE)
    return worked_off(seen)


def put_back(seen: Call, agent_id: int, *, at: datetime) -> int:
    """Take back what `mark_done` did to `seen` and the calls before it; how many wait again.

    Calls that somebody else has marked done, or at another time, stay done.
    """
    take_write_lock()
    calls = _done_together(seen)
    for call in calls:
        _record(call, MISSED_UNDONE, agent_id, at, before=MISSED_DONE)
    return len(calls)


def worked_off(call: Call) -> WorkedOff | None:
    """Who marked this call done; None while nobody has, or since it was taken back."""
    statement = (
        select(CallEvent.kind, Agent.id, Agent.name, CallEvent.occurred_at)
        .select_from(CallEvent)
        .join(Agent, Agent.id == CallEvent.agent_id)
        .where(CallEvent.call_id == call.id, CallEvent.kind.in_((MISSED_DONE, MISSED_UNDONE)))
        .order_by(CallEvent.occurred_at.desc(), CallEvent.digest.desc())
    )
    last = db.session.execute(statement.limit(1)).first()
    return WorkedOff(*last[1:]) if last is not None and last.kind == MISSED_DONE else None


def _done_together(seen: Call) -> Sequence[Call]:
    done = worked_off(seen)
    if done is None:
        return []
    same = [Call.id == seen.id] if seen.normal_form is None else same_caller(seen)
    statement = (
        select(Call)
        .join(CallEvent, CallEvent.call_id == Call.id)
        .where(
            Call.tenant_id == seen.tenant_id,
            Call.missed_done,
            *same,
            CallEvent.kind == MISSED_DONE,
            CallEvent.agent_id == done.agent_id,
            CallEvent.occurred_at == done.at,
        )
    )
    return db.session.scalars(statement.order_by(Call.id)).all()


def _record(call: Call, kind: str, agent_id: int, at: datetime, *, before: str) -> None:
    """Only the first agent to say so counts, each time that `before` was said last."""
    turns = select(func.count()).where(CallEvent.call_id == call.id, CallEvent.kind == before)
    turn = db.session.scalar(turns) or 0
    again = (turn,) if kind == MISSED_UNDONE or turn else ()
    event = Event(
        source=EventSource.AGENT,
        kind=kind,
        occurred_at=at,
        payload={},
        agent_id=agent_id,
        digest=digest_of(EventSource.AGENT, kind, call.id, *again),
    )
    place(call.tenant_id, event, call_id=call.id)
