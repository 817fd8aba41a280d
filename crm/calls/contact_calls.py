"""The result of a call in one word, and a summary of each contact's calls.

A contact has a row of `ContactCalls` for each tenant, so that a screen pop counts nothing. Code
that changes an ended call, or its contact, calls `refresh_contacts`. The results are codes:
templates turn them into words (`state_mark`).
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, case, delete, func, insert, join, select, true

from crm.extensions import db
from crm.models import Call, CallState, Contact, ContactCalls, Direction, EventSource, Tenant
from crm.models.call import NOT_TAKEN, UNDATED

# Disposition of a dial that nobody answered -> result. Others are "failed": the vendor's wiki
# lists CONGESTION, CHANUNAVAIL, DONTCALL, TORTURE and INVALIDARGS.
_NOT_REACHED = {
    "BUSY": "busy",
    "NOANSWER": "no_answer",
    "ANSWER": "no_answer",
    "": "no_answer",
    "CANCEL": "cancelled",
}
SEPARATOR = " · "
LONGEST_SUMMARY = 300
_KEPT = ContactCalls.__table__
_CALL, _CONTACT, _TENANT = Call.__table__.c, Contact.__table__.c, Tenant.__table__.c

# What `refresh_contacts` asks, built once, of columns of tables: for a page of records SQLAlchemy's
# own work on a statement takes longer than the database's.
_THEIRS: Any = bindparam("contact_ids", expanding=True)
# Locked before the counting, so that of two processes the second counts the first's call; "no key":
# the foreign key of a call that was just written holds the weakest lock already.
_LOCKED = select(_CONTACT.id).where(_CONTACT.id.in_(_THEIRS)).order_by(_CONTACT.id)
_LOCKED = _LOCKED.with_for_update(key_share=True)
_SPOKEN_AT = case((_CALL.answered.is_(True) & (_CALL.started_at != UNDATED), _CALL.started_at))
_WHOSE = _CALL.contact_id, _CALL.tenant_id
_COUNTED = (
    select(*_WHOSE, func.count().label("calls"), func.max(_SPOKEN_AT).label("spoken_at"))
    .where(_CALL.contact_id.in_(_THEIRS), _CALL.state == CallState.ENDED)
    .group_by(*_WHOSE)
)
_OUTDATED = delete(_KEPT).where(_KEPT.c.contact_id.in_(_THEIRS))
# The index over contact and start finds the last call of a contact with a tenant at once. "+ 0"
# keeps SQLite from searching all calls of the tenant instead.
_NEWEST = (
    select(_CALL.id)
    .where(
        _CALL.contact_id == _CONTACT.id,
        _CALL.tenant_id + 0 == _TENANT.id,
        _CALL.state == CallState.ENDED,
    )
    .order_by(_CALL.started_at.desc(), _CALL.id.desc())
    .limit(1)
    .scalar_subquery()
)
_NEWEST_IDS = (
    select(_NEWEST)
    .select_from(join(Contact.__table__, Tenant.__table__, true()))
    .where(_CONTACT.id.in_(_THEIRS), _TENANT.id.in_(bindparam("tenant_ids", expanding=True)))
)
_SUMMARISED = (
    *("state", "dial_problem", "answered", "direction", "disposition", "abandoned", "sources"),
    *("note", "started_at"),
)
_LAST_CALLS = select(*_WHOSE, *(_CALL[name] for name in _SUMMARISED)).where(
    _CALL.id.in_(_NEWEST_IDS)
)


def result_of(call: Call) -> str:
    """One of: dialling, ringing, talking, held; then answered, missed, abandoned, no_answer, busy,
    cancelled, failed, not_taken; ended while no source has said whether the call was answered.
    For a dial the softphone alone cannot say it: it ends a busy line and a cancelled call alike.

    abandoned is a kind of missed: the caller gave up in the queue before anybody answered.
    """
    if call.state is not CallState.ENDED:
        return call.state.value
    if call.dial_problem:
        return NOT_TAKEN if call.dial_problem == NOT_TAKEN else "failed"
    if call.answered is not False:
        return "answered" if call.answered else "ended"
    if call.direction is Direction.OUTBOUND:
        unsaid = not call.disposition and call.sources.get("answered") == EventSource.BROWSER
        return "ended" if unsaid else _NOT_REACHED.get(call.disposition, "failed")
    if call.direction is Direction.INBOUND:
        return "abandoned" if call.abandoned else "missed"
    return "ended"


def summary_of(call: Call) -> str:
    """A contact's last call in a line: its result, then the note's first line, then nothing.

    "missed", or "answered · wants the invoice again".
    """
    line = next(iter(call.note.strip().splitlines()), "")
    text = SEPARATOR.join(part for part in (result_of(call), line) if part)
    return text[:LONGEST_SUMMARY]


def result_and_note(summary: str) -> tuple[str, str]:
    """The two parts of a contact's `last_call_summary`."""
    result, _separator, line = summary.partition(SEPARATOR)
    return result, line


def refresh_contacts(contact_ids: Iterable[int | None], *, tenant_id: int | None = None) -> None:
    """Count again the ended calls of contacts, and find each contact's last call.

    tenant_id: only this tenant's calls have changed; None for any. A call that rings or is up does
    not count as the last call yet, because its own card would show itself.
    """
    wanted = sorted({one for one in contact_ids if one is not None})
    if not wanted:
        return
    db.session.flush()
    connection = db.session.connection()
    locked = connection.execute(_LOCKED, {"contact_ids": wanted}).scalars().all()
    if not locked:
        return
    counted, outdated = _COUNTED, _OUTDATED
    if tenant_id is not None:
        counted = counted.where(_CALL.tenant_id + 0 == tenant_id)
        outdated = outdated.where(_KEPT.c.tenant_id == tenant_id)
    counts = connection.execute(counted, {"contact_ids": locked}).all()
    wanted_last = {
        "contact_ids": sorted({one.contact_id for one in counts}),
        "tenant_ids": sorted({one.tenant_id for one in counts}),
    }
    last_calls = {
        (call.contact_id, call.tenant_id): call
        for call in connection.execute(_LAST_CALLS, wanted_last)
    }
    connection.execute(outdated, {"contact_ids": locked})
    rows = []
    for one in counts:
        last: Any = last_calls[one.contact_id, one.tenant_id]
        rows.append(
            {
                "contact_id": one.contact_id,
                "tenant_id": one.tenant_id,
                "calls_count": one.calls,
                "last_call_at": last.started_at,
                "last_call_summary": summary_of(last),
                "last_spoken_at": one.spoken_at,
            }
        )
    if rows:
        connection.execute(insert(_KEPT), rows)
