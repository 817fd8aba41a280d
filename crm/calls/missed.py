"""Missed calls: who waits to be called back.

A missed call came in, ended, and somebody says that nobody answered it. It waits until somebody
marks it done or talks with the same number later. That is asked of the rows each time, and kept
nowhere: an older record that comes late may bring the answered call that clears it.
`crm.pages.missed` calls these.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select, tuple_
from sqlalchemy.orm import aliased, joinedload

from crm.calls.queries import RINGS_AT_MOST, Place
from crm.extensions import db
from crm.models import Call, CallState, Direction

COUNTS_FOR = timedelta(days=30)
MOST_COUNTED = 100

# Written into the statement, not bound: only so do the databases see that their index fits.
IS_MISSED = (
    Call.direction == bindparam(None, Direction.INBOUND, Call.direction.type, literal_execute=True),
    Call.state == bindparam(None, CallState.ENDED, Call.state.type, literal_execute=True),
    Call.answered.is_(False),
    Call.missed_done.is_(False),
    Call.erased_at.is_(None),
)
# A caller. Who cannot be known by a number is one with each call. A masked number stays apart
# from the same number shown, or the two together would tell it.
_CALLER = (
    Call.tenant_id,
    Call.normal_form,
    Call.caller_kind,
    case((Call.normal_form.is_(None), Call.id)),
)


@dataclass(frozen=True, kw_only=True)
class WaitingCaller:
    """Somebody who called and was not answered since: `times` calls, of which `newest` is the last.

    longest_wait: seconds, None when no source told. called_back: the last call from here to the
    number since; it was not answered, or it would not wait.
    """

    newest: Call
    times: int
    first_at: datetime
    longest_wait: int | None
    queues: tuple[str, ...] = ()
    called_back: Call | None = None


def count_waiting(tenant_ids: Collection[int], *, now: datetime) -> int:
    """How many callers wait, of these tenants; MOST_COUNTED for that many and more."""
    callers = select(*_CALLER).where(*_waits(tenant_ids, now)).distinct().limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(callers.subquery())) or 0


def waiting(
    tenant_ids: Collection[int],
    *,
    now: datetime,
    before: Place | None = None,
    limit: int = 50,
) -> list[WaitingCaller]:
    """The callers who wait, who called last first. before: the `newest` of the page before."""
    ranked = _ranked(tenant_ids, now).subquery()
    page = select(ranked).where(ranked.c.place == 1)
    if before is not None:
        page = page.where(tuple_(ranked.c.started_at, ranked.c.id) < tuple_(*before))
    page = page.order_by(ranked.c.started_at.desc(), ranked.c.id.desc()).limit(limit)
    rows = db.session.execute(page).all()
    newest = _by_id([row.id for row in rows])
    found = [(newest[row.id], row) for row in rows]
    queues = _queues([call for call, _row in found], tenant_ids, now)
    attempts = _attempts([(call, row.first_at) for call, row in found])
    return [
        WaitingCaller(
            newest=call,
            times=row.times,
            first_at=row.first_at,
            longest_wait=row.longest_wait,
            queues=tuple(queues.get(_key(call), (call.queue,) if call.queue else ())),
            called_back=attempts.get(call.id),
        )
        for call, row in found
    ]


def being_called_back(missed: Call, *, now: datetime) -> Call | None:
    """The call from here to the caller's number that is up at this moment, whoever makes it."""
    if missed.normal_form is None:
        return None
    statement = _outbound().where(
        Call.tenant_id == missed.tenant_id,
        *same_caller(missed),
        Call.started_at > now - RINGS_AT_MOST,
    )
    calls = db.session.scalars(statement.order_by(Call.started_at.desc()))
    return next((call for call in calls if is_up(call, now=now)), None)


def is_up(call: Call, *, now: datetime) -> bool:
    """Whether a call back is on its way. One whose end was lost counts for RINGS_AT_MOST."""
    return call.state is not CallState.ENDED and now - call.started_at < RINGS_AT_MOST


def _waits(tenant_ids: Collection[int], now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What makes a row a call that waits: missed, not long ago, and nobody talked since.

    A withheld number and the same one shown clear each other by the contact alone: by the number,
    a guess that is dialled would take the caller off the list and so prove right.
    """
    talk = aliased(Call)
    later = select(talk.id).where(
        talk.tenant_id == Call.tenant_id,
        talk.started_at >= Call.started_at,
        talk.answered.is_(True),
    )
    with_number = later.where(
        talk.normal_form == Call.normal_form, talk.caller_kind == Call.caller_kind
    )
    with_contact = later.where(
        talk.contact_id == Call.contact_id, talk.caller_kind != Call.caller_kind
    )
    since = Call.started_at > now - COUNTS_FOR
    waits = since, ~with_number.exists(), ~with_contact.exists()
    return (*IS_MISSED, Call.tenant_id.in_(tenant_ids), *waits)


def _ranked(tenant_ids: Collection[int], now: datetime) -> Select[Any]:
    """Each waiting call with its place among its caller's, 1 for the newest, and their figures."""
    newest_first = (Call.started_at.desc(), Call.id.desc())
    return select(
        Call.id,
        Call.started_at,
        func.row_number().over(partition_by=_CALLER, order_by=newest_first).label("place"),
        func.count().over(partition_by=_CALLER).label("times"),
        func.min(Call.started_at).over(partition_by=_CALLER).label("first_at"),
        func.max(Call.wait_seconds).over(partition_by=_CALLER).label("longest_wait"),
    ).where(*_waits(tenant_ids, now))


def _by_id(ids: list[int]) -> dict[int, Call]:
    statement = select(Call).where(Call.id.in_(ids))
    options = joinedload(Call.contact), joinedload(Call.tenant)
    return {call.id: call for call in db.session.scalars(statement.options(*options))}


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


def _attempts(callers: Sequence[tuple[Call, datetime]]) -> dict[int, Call]:
    """By the id of a caller's newest call: the last call to the number since the first of them."""
    theirs = [
        and_(Call.tenant_id == call.tenant_id, *same_caller(call), Call.started_at > first_at)
        for call, first_at in callers
        if call.normal_form is not None
    ]
    if not theirs:
        return {}
    statement = _outbound().where(or_(*theirs)).order_by(Call.started_at, Call.id)
    last = {_key(call): call for call in db.session.scalars(statement)}
    return {call.id: last[_key(call)] for call, _first_at in callers if _key(call) in last}


def _outbound() -> Select[Call]:
    statement = select(Call).where(Call.direction == Direction.OUTBOUND, Call.erased_at.is_(None))
    return statement.options(joinedload(Call.agent))


def same_caller(call: Call) -> list[ColumnElement[bool]]:
    """What the calls of this call's caller have in common."""
    return [Call.normal_form == call.normal_form, Call.caller_kind == call.caller_kind]


def _key(call: Call) -> tuple[object, ...]:
    return call.tenant_id, call.normal_form, call.caller_kind
