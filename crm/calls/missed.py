"""Missed calls: lists the callers waiting to be called back, and marks a caller done.

A missed call came in, ended, and some source says that nobody answered it. It waits until somebody
marks it done or talks with the same number later. This is not stored but read from the rows each
time: an older record that comes late may bring the answered call that clears it. Done and Undo are
events of the calls, so merged rows keep them.

`crm.pages.missed` calls these. Everything flushes, the caller commits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select, tuple_
from sqlalchemy.orm import aliased, joinedload

from crm.calls.events import MISSED_DONE, MISSED_UNDONE, Event, digest_of
from crm.calls.queries import RINGS_AT_MOST
from crm.calls.rows import place
from crm.extensions import db
from crm.models import Agent, Call, CallEvent, CallState, Direction, EventSource
from crm.models.locking import take_write_lock
from crm.models.paging import Cursor, page_of

COUNTS_FOR = timedelta(days=30)
MOST_COUNTED = 100

# Written into the statement, not bound: otherwise the databases do not use their index.
IS_MISSED = (
    Call.direction == bindparam(None, Direction.INBOUND, Call.direction.type, literal_execute=True),
    Call.state == bindparam(None, CallState.ENDED, Call.state.type, literal_execute=True),
    Call.answered.is_(False),
    Call.missed_done.is_(False),
    Call.erased_at.is_(None),
)
# A caller. Without a known number each call is a caller of its own. A masked number stays apart
# from the same number shown, or the two together would reveal it.
_CALLER = (
    Call.tenant_id,
    Call.normal_form,
    Call.caller_kind,
    case((Call.normal_form.is_(None), Call.id)),
)


@dataclass(frozen=True, kw_only=True)
class WaitingCaller:
    """A caller who was not answered since."""

    newest: Call  # of the calls that wait
    times: int  # how many calls wait
    first_at: datetime
    longest_wait: int | None  # seconds, None if no source gives it
    queues: tuple[str, ...] = ()
    # The last call from here to the number since. Nobody answered it, or the caller would not be
    # here.
    called_back: Call | None = None

    @property
    def cursor(self) -> Cursor:
        """The position after which the next page of the list begins."""
        return self.newest.cursor


@dataclass(frozen=True)
class Done:
    """Who marked a missed call done first, and when."""

    agent_id: int
    agent_name: str
    at: datetime


def count_waiting(tenant_ids: Collection[int], *, now: datetime) -> int:
    """How many callers of these tenants wait, MOST_COUNTED at most."""
    # As an expression: or PostgreSQL reads the calls in the order of an index over all numbers.
    number = func.coalesce(Call.normal_form, "")
    caller = (number if column is Call.normal_form else column for column in _CALLER)
    callers = select(*caller).where(*_waits(tenant_ids, now)).distinct().limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(callers.subquery())) or 0


def waiting(
    tenant_ids: Collection[int],
    *,
    now: datetime,
    before: Cursor | None = None,
    limit: int = 50,
) -> list[WaitingCaller]:
    """The waiting callers, the latest call first. before: the `newest` of the page before."""
    newest_first = (Call.started_at.desc(), Call.id.desc())
    rank = func.row_number().over(partition_by=_CALLER, order_by=newest_first).label("rank")
    ranked = (
        select(
            Call.id,
            Call.started_at,
            rank,
            func.count().over(partition_by=_CALLER).label("times"),
            func.min(Call.started_at).over(partition_by=_CALLER).label("first_at"),
            func.max(Call.wait_seconds).over(partition_by=_CALLER).label("longest_wait"),
        )
        .where(*_waits(tenant_ids, now))
        .subquery()
    )
    newest = select(ranked).where(ranked.c.rank == 1)
    page = page_of(newest, (ranked.c.started_at, ranked.c.id), before, limit)
    rows = db.session.execute(page).all()
    with_names = joinedload(Call.contact), joinedload(Call.tenant)
    statement = select(Call).where(Call.id.in_([row.id for row in rows])).options(*with_names)
    calls = {call.id: call for call in db.session.scalars(statement)}
    found = [(calls[row.id], row) for row in rows]
    queues = _queues([call for call, _row in found], tenant_ids, now)
    back = _called_back([(call, row.first_at) for call, row in found])
    return [
        WaitingCaller(
            newest=call,
            times=row.times,
            first_at=row.first_at,
            longest_wait=row.longest_wait,
            queues=tuple(queues.get(_key(call), (call.queue,) if call.queue else ())),
            called_back=back.get(_key(call)),
        )
        for call, row in found
    ]


def being_called_back(missed: Call, *, now: datetime) -> Call | None:
    """The call from here to the caller's number that is up at this moment, by any agent."""
    if missed.normal_form is None:
        return None
    statement = _outbound().where(
        Call.tenant_id == missed.tenant_id,
        *_same_caller(missed),
        Call.started_at > now - RINGS_AT_MOST,
    )
    calls = db.session.scalars(statement.order_by(Call.started_at.desc()))
    return next((call for call in calls if is_up(call, now=now)), None)


def is_up(call: Call, *, now: datetime) -> bool:
    """Whether a call back is under way. If its end was lost, it counts for RINGS_AT_MOST."""
    return call.state is not CallState.ENDED and now - call.started_at < RINGS_AT_MOST


def mark_done(seen: Call, agent_id: int, *, at: datetime) -> Done | None:
    """Mark a caller's calls done: `seen`, the newest that the agent saw, and those before it.

    A call that came in meanwhile stays. Returns who was first, which may be another agent. None if
    `seen` is no longer a missed call.
    """
    same = [Call.id == seen.id]
    if seen.normal_form is not None:
        before = tuple_(Call.started_at, Call.id) <= tuple_(seen.started_at, seen.id)
        same = [*_same_caller(seen), before]
    statement = select(Call).where(*IS_MISSED, Call.tenant_id == seen.tenant_id, *same)
    for call in db.session.scalars(statement.order_by(Call.id)).all():
        _record(call, MISSED_DONE, agent_id, at, before=MISSED_UNDONE)
    return done_by(seen)


def undo(seen: Call, agent_id: int, *, at: datetime) -> int:
    """Take back what `mark_done` did to `seen` and the calls before it; how many wait again.

    Calls that were marked done by somebody else, or at another time, stay done.
    """
    take_write_lock()
    done = done_by(seen)
    if done is None:
        return 0
    same = [Call.id == seen.id] if seen.normal_form is None else _same_caller(seen)
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
    calls = db.session.scalars(statement.order_by(Call.id)).all()
    for call in calls:
        _record(call, MISSED_UNDONE, agent_id, at, before=MISSED_DONE)
    return len(calls)


def done_by(call: Call) -> Done | None:
    """Who marked this call done; None if nobody has, or if it was undone."""
    statement = (
        select(CallEvent.kind, Agent.id, Agent.name, CallEvent.occurred_at)
        .select_from(CallEvent)
        .join(Agent, Agent.id == CallEvent.agent_id)
        .where(CallEvent.call_id == call.id, CallEvent.kind.in_((MISSED_DONE, MISSED_UNDONE)))
        .order_by(CallEvent.occurred_at.desc(), CallEvent.digest.desc())
    )
    last = db.session.execute(statement.limit(1)).first()
    return Done(*last[1:]) if last is not None and last.kind == MISSED_DONE else None


def _waits(tenant_ids: Collection[int], now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a waiting call: missed, not long ago, and nobody talked since.

    A withheld number and the same one shown clear each other by the contact alone. If they did by
    the number, an agent could confirm a guess: dialling it would take the caller off the list.
    """
    talk = aliased(Call)
    later = select(talk.id).where(talk.started_at >= Call.started_at, talk.answered.is_(True))
    with_number = later.where(
        talk.tenant_id == Call.tenant_id,
        talk.normal_form == Call.normal_form,
        talk.caller_kind == Call.caller_kind,
    )
    # "+ 0": or SQLite takes the index by tenant and walks through all later calls of the tenant.
    with_contact = later.where(
        talk.tenant_id + 0 == Call.tenant_id,
        talk.contact_id == Call.contact_id,
        talk.caller_kind != Call.caller_kind,
    )
    since = Call.started_at > now - COUNTS_FOR
    waits = since, ~with_number.exists(), ~with_contact.exists()
    return (*IS_MISSED, Call.tenant_id.in_(tenant_ids), *waits)


def _queues(
    calls: list[Call], tenant_ids: Collection[int], now: datetime
) -> dict[tuple[object, ...], list[str]]:
    """The queues in which each of these callers waited, by name."""
    numbers = {call.normal_form for call in calls if call.normal_form}
    columns = (Call.tenant_id, Call.normal_form, Call.caller_kind, Call.queue)
    told = Call.normal_form.in_(numbers), Call.queue != ""
    statement = select(*columns).where(*_waits(tenant_ids, now), *told).distinct()
    found: dict[tuple[object, ...], list[str]] = {}
    for *caller, queue in db.session.execute(statement.order_by(Call.queue)):
        found.setdefault(tuple(caller), []).append(queue)
    return found


def _called_back(callers: Sequence[tuple[Call, datetime]]) -> dict[tuple[object, ...], Call]:
    """By caller: the last call from here to the number since the caller's first waiting call."""
    theirs = [
        and_(Call.tenant_id == call.tenant_id, *_same_caller(call), Call.started_at > first_at)
        for call, first_at in callers
        if call.normal_form is not None
    ]
    if not theirs:
        return {}
    statement = _outbound().where(or_(*theirs)).order_by(Call.started_at, Call.id)
    return {_key(call): call for call in db.session.scalars(statement)}


def _outbound() -> Select[Call]:
    statement = select(Call).where(Call.direction == Direction.OUTBOUND, Call.erased_at.is_(None))
    return statement.options(joinedload(Call.agent))


def _same_caller(call: Call) -> list[ColumnElement[bool]]:
    """The conditions for all calls of this call's caller."""
    return [Call.normal_form == call.normal_form, Call.caller_kind == call.caller_kind]


def _key(call: Call) -> tuple[object, ...]:
    return call.tenant_id, call.normal_form, call.caller_kind


def _record(call: Call, kind: str, agent_id: int, at: datetime, *, before: str) -> None:
    """Record it only if `before` was recorded last, so that the first of two agents counts."""
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
