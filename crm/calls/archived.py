"""Archived calls: their events were deleted after their retention time (`crm.retention`).

The row stays as it was folded. It cannot be folded again, so later reports are kept and change no
facts. Only what an agent writes about the call is written to the row.
"""

from collections.abc import Iterable

from crm.calls import notes
from crm.calls.apply import note_columns
from crm.calls.contact_calls import refresh_contacts
from crm.calls.contact_links import choose_contact
from crm.calls.events import CONTACT, MISSED_DONE, MISSED_UNDONE, NOTE, OUTCOME, Event
from crm.calls.notes import Note
from crm.extensions import db
from crm.models import Call

_NO_FACTS = (
    *("id", "tenant_id", "activecallkey", "callkey", "transaction_id"),
    *("erased_at", "created_at", "updated_at"),
)


def write_on_archived(call: Call, event: Event, contacts_left: Iterable[int] = ()) -> None:
    """Write an agent's event to the row; other events leave it as it is. Flushes."""
    before = {call.contact_id, *contacts_left}
    words = notes.wrap_up_of([event])
    if event.kind == NOTE:
        take_notes(call, [notes.of_event(event)])
    elif event.kind == OUTCOME:
        call.outcome = words.outcome
    elif event.kind in (MISSED_DONE, MISSED_UNDONE):
        call.missed_done = words.missed_done
    elif event.kind == CONTACT and words.contact_id is not None:
        choose_contact(call, words.contact_id)
    db.session.flush()
    refresh_contacts({*before, call.contact_id}, tenant_id=call.tenant_id)


def take_facts(to: Call, row: Call) -> None:
    """Copy an archived row's facts on a merge: the remaining events no longer give them."""
    theirs = notes.of_call(to)
    for column in Call.__table__.columns:
        if column.key not in _NO_FACTS:
            setattr(to, column.key, getattr(row, column.key))
    take_notes(to, theirs)


def take_notes(call: Call, more: Iterable[Note]) -> None:
    """Add notes to the row's own; a note that the row has already gets its newer text."""
    by_digest = {note.digest: note for note in [*notes.of_call(call), *more]}
    stand = notes.standing(by_digest.values()) if call.erased_at is None else []
    for name, value in note_columns(stand).items():
        setattr(call, name, value)
