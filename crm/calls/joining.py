"""Makes one row of two that are one call: events, notes, cards and contact go along.

Called by `crm.calls.rows` when an event proves it; the caller folds the row again.
"""

from sqlalchemy import delete, update

from crm.calls import notes
from crm.calls.archived import take_facts, take_notes
from crm.extensions import db
from crm.models import Call, CallCard, CallEvent, CallLeg, JoinedCall, Listen


def join(home: Call, same: list[Call]) -> tuple[Call, set[int]]:
    """Move everything of `same` to the oldest of the rows, which pages know longest.

    Returns that row, without the others' keys, and the ids of contacts that may have lost a call.
    """
    if not same:
        return home, set()
    oldest, *others = sorted([home, *same], key=lambda row: row.id)
    contacts_left = {row.contact_id for row in others if row.contact_id is not None}
    for row in others:
        _move(row, oldest)
    db.session.flush()
    return oldest, contacts_left


def _move(row: Call, to: Call) -> None:
    for table in (CallEvent, CallCard, JoinedCall, Listen):
        db.session.execute(update(table).where(table.call_id == row.id).values(call_id=to.id))
    to.erased_at = to.erased_at or row.erased_at
    if row.archived_at is not None and to.archived_at is None:
        take_facts(to, row)
        db.session.execute(delete(CallLeg).where(CallLeg.call_id == to.id))
        db.session.execute(update(CallLeg).where(CallLeg.call_id == row.id).values(call_id=to.id))
    elif to.archived_at is not None:  # not folded again, so the other's notes are written on it
        take_notes(to, notes.of_call(row))
    db.session.execute(delete(CallLeg).where(CallLeg.call_id == row.id))
    if to.contact_id is None and row.contact_id is not None and to.erased_at is None:
        to.contact_id, to.contact_name = row.contact_id, row.contact_name
        to.normal_form = row.normal_form
    db.session.add(JoinedCall(old_id=row.id, call_id=to.id))
    db.session.delete(row)
    db.session.flush()
