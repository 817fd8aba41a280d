"""Follow-ups: what agents have promised to do about a contact or a call, and by when.

An outcome that asks for one makes it (`after_outcome`), and so does a date that is set while
wrapping up (`set_for_call`) or on a contact's page (`add`). `crm.pages.follow_ups` lists them.
Days are days of the agent's tenant. Everything flushes, the caller commits.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import joinedload

from crm.calls.rows import locked
from crm.extensions import db
from crm.models import Call, Contact, FollowUp
from crm.models.follow_up import LONGEST_WHAT, NO_TIME
from crm.models.paging import page_of

MOST_COUNTED = 100
SATURDAY = 5


class Due(NamedTuple):
    """When: a day, and the minute of it; NO_TIME for some time on that day."""

    on: date
    minute: int = NO_TIME


# Whose it is about: chosen without a call, else whomever the call is with at this time.
_CONTACT_ID = func.coalesce(FollowUp.contact_id, Call.contact_id)


def waiting(
    tenant_ids: Collection[int],
    agent_id: int | None,
    *,
    after: Sequence[object] | None = None,
    limit: int = 50,
) -> list[FollowUp]:
    """The open follow-ups of an agent, or of all agents of these tenants, the next due first.

    after: `key_of` the last one of the page before.
    """
    statement = _open().where(FollowUp.tenant_id.in_(tenant_ids))
    if agent_id is not None:
        statement = statement.where(FollowUp.agent_id == agent_id)
    key = (FollowUp.due_on, FollowUp.due_minute, FollowUp.id)
    return _read(page_of(statement, key, after, limit, ascending=True))


def count_due(agent_id: int, *, today: date) -> int:
    """How many of an agent's are due today or were before, MOST_COUNTED at most."""
    due = _open().where(FollowUp.agent_id == agent_id, FollowUp.due_on <= today)
    few = due.with_only_columns(FollowUp.id).limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(few.subquery())) or 0


def of_contact(contact_id: int, tenant_ids: Collection[int]) -> list[FollowUp]:
    """The open follow-ups about a contact, the next due first."""
    theirs = FollowUp.id.in_(_ids_about(contact_id))
    statement = _open().where(theirs, FollowUp.tenant_id.in_(tenant_ids))
    return _read(statement.order_by(FollowUp.due_on, FollowUp.due_minute, FollowUp.id))


def of_call(call_id: int, agent_id: int) -> FollowUp | None:
    """The agent's follow-up of a call, also one that is done; one at most."""
    statement = select(FollowUp).where(FollowUp.call_id == call_id, FollowUp.agent_id == agent_id)
    return db.session.scalar(statement.order_by(FollowUp.id.desc()).limit(1))


def find(follow_up_id: int) -> FollowUp | None:
    """One follow-up, with whom it is about."""
    return next(iter(_read(select(FollowUp).where(FollowUp.id == follow_up_id))), None)


def key_of(follow_up: FollowUp) -> tuple[date, int, int]:
    """Its place in the lists."""
    return follow_up.due_on, follow_up.due_minute, follow_up.id


def add(
    *, tenant_id: int, agent_id: int, contact_id: int, due: Due, what: str, now: datetime
) -> FollowUp:
    """A follow-up about a contact, without a call."""
    made = FollowUp(tenant_id=tenant_id, agent_id=agent_id, contact_id=contact_id, created_at=now)
    made.due_on, made.due_minute, made.what = due.on, due.minute, what[:LONGEST_WHAT]
    db.session.add(made)
    db.session.flush()
    return made


def set_for_call(
    call: Call, agent_id: int, due: Due | None, *, now: datetime, by_outcome: bool = False
) -> None:
    """Give a call its follow-up, move it, or take it back (None). One that was done is open again.

    Whoever sets it has it; a colleague who had the same call may have another.
    """
    call = locked(call.id)
    known = of_call(call.id, agent_id)
    if due is None:
        if known is not None and known.done_at is None:
            db.session.delete(known)
    elif known is not None:
        known.due_on, known.due_minute, known.by_outcome = *due, by_outcome
        known.done_at = known.done_by_id = None
    else:
        made = FollowUp(tenant_id=call.tenant_id, agent_id=agent_id, call_id=call.id)
        made.due_on, made.due_minute, made.by_outcome = *due, by_outcome
        made.created_at = now
        db.session.add(made)
    db.session.flush()


def after_outcome(
    call: Call, agent_id: int, *, wants_one: bool, today: date, now: datetime
) -> None:
    """An outcome was chosen. One that asks for a follow-up gives the call one for the next working
    day; another takes it back, unless somebody has set its day since.
    """
    known = of_call(call.id, agent_id)
    if wants_one and known is None:
        due = Due(next_working_day(today))
        set_for_call(call, agent_id, due, now=now, by_outcome=True)
    elif not wants_one and known is not None and known.by_outcome:
        set_for_call(call, agent_id, None, now=now)


def next_working_day(today: date) -> date:
    """Tomorrow, or Monday."""
    day = today + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day


def mark_done(follow_up: FollowUp, agent_id: int, *, now: datetime) -> bool:
    """Whether it was open: of two agents who do it at once the second is told of the first."""
    open_one = update(FollowUp).where(FollowUp.id == follow_up.id, FollowUp.done_at.is_(None))
    done = db.session.connection().execute(open_one.values(done_at=now, done_by_id=agent_id))
    db.session.refresh(follow_up)
    return bool(done.rowcount)


def undo(follow_up: FollowUp) -> None:
    """It is to be done again, on the day that it was due."""
    follow_up.done_at = follow_up.done_by_id = None
    db.session.flush()


def move(follow_up: FollowUp, due: Due) -> None:
    """Put it on another day."""
    follow_up.due_on, follow_up.due_minute, follow_up.by_outcome = *due, False
    db.session.flush()


def calls_go(call_ids: Sequence[int]) -> None:
    """These calls are deleted for their age. An open follow-up stays with the contact."""
    theirs = FollowUp.call_id.in_(call_ids)
    contact_id = select(Call.contact_id).where(Call.id == FollowUp.call_id).scalar_subquery()
    stays = update(FollowUp).where(theirs, FollowUp.done_at.is_(None))
    stays = stays.values(contact_id=contact_id, call_id=None)
    db.session.execute(stays.execution_options(synchronize_session=False))
    nobodys = and_(FollowUp.call_id.is_(None), FollowUp.contact_id.is_(None))
    gone = delete(FollowUp).where(or_(theirs, nobodys))
    db.session.execute(gone.execution_options(synchronize_session=False))


def _open() -> Select[FollowUp]:
    """Those to be done, but not about a deleted contact, which may be restored."""
    is_there = or_(_CONTACT_ID.is_(None), Contact.deleted_at.is_(None))
    return (
        select(FollowUp)
        .outerjoin(Call, Call.id == FollowUp.call_id)
        .outerjoin(Contact, Contact.id == _CONTACT_ID)
        .where(FollowUp.done_at.is_(None), is_there)
    )


def _ids_about(contact_id: int) -> Select[int]:
    """Two questions: with OR, SQLite reads every follow-up."""
    own = select(FollowUp.id).where(FollowUp.contact_id == contact_id)
    of_calls = select(FollowUp.id).join(Call, Call.id == FollowUp.call_id)
    both = own.union(of_calls.where(Call.contact_id == contact_id, FollowUp.done_at.is_(None)))
    return select(both.subquery().c.id)


def _read(statement: Select[FollowUp]) -> list[FollowUp]:
    with_people = (
        joinedload(FollowUp.contact),
        joinedload(FollowUp.call).joinedload(Call.contact),
    )
    return list(db.session.scalars(statement.options(*with_people)))
