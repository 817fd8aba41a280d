"""Takes a person out of calls for good: the figures stay, raw events included.

`crm.contacts.erase` calls it. What comes later about such a call (the same record read again, a
repeated post) is stripped on arrival: see `crm.calls.rows`.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from crm.calls.apply import columns_of, facts_from
from crm.calls.erase_loose import erase_loose
from crm.calls.events import Event
from crm.calls.person import without_person
from crm.extensions import db
from crm.models import Call, CallEvent
from crm.models.call import NOT_TAKEN
from crm.models.locking import take_write_lock

AT_ONCE = 200
# In `Call.sources`.
OF_THE_PERSON = ("contact", "number", "note", "recording_url", "voicemail_text")


def count_calls_of(contact_id: int, own_numbers: Collection[str]) -> int:
    """How many calls `erase_person` would take the person out of."""
    theirs = select(func.count()).select_from(Call).where(_theirs(contact_id, own_numbers))
    return db.session.scalar(theirs) or 0


def erase_person(contact_id: int, own_numbers: Collection[str], *, now: datetime) -> int:
    """Take a person out of all calls, and out of what is not folded into calls; how many calls.

    own_numbers: normal forms that no other contact has; their calls go too, also those that are
    tied to nobody. Flushes, the caller commits.
    """
    take_write_lock()
    if own_numbers:  # first: what is folded meanwhile is found among the calls
        erase_loose(own_numbers)
    erased = 0
    for calls in _in_pieces(_theirs(contact_id, own_numbers)):
        scrubbed = _scrubbed([call.id for call in calls])
        for call in calls:
            _erase(call, scrubbed.get(call.id, []), now)
        erased += len(calls)
        db.session.flush()
    return erased


def scrub_events_of(call_id: int) -> None:
    """Take the person out of all events of a call; a second time changes nothing."""
    for row in db.session.scalars(select(CallEvent).where(CallEvent.call_id == call_id)):
        _scrub(row)
    db.session.flush()


def _theirs(contact_id: int, own_numbers: Collection[str]) -> ColumnElement[bool]:
    nobodys = and_(Call.contact_id.is_(None), Call.normal_form.in_(sorted(own_numbers)))
    return or_(Call.contact_id == contact_id, nobodys)


def _in_pieces(condition: ColumnElement[bool]) -> Iterator[list[Call]]:
    """Calls in order of id, some hundred at a time and locked; erased ones fit no more."""
    last = 0
    while True:
        statement = select(Call).where(condition, Call.id > last).order_by(Call.id).limit(AT_ONCE)
        fresh = statement.with_for_update().execution_options(populate_existing=True)
        found = list(db.session.scalars(fresh))
        if not found:
            return
        last = found[-1].id
        yield found


def _scrubbed(call_ids: list[int]) -> dict[int, list[Event]]:
    """The events of some calls, with the person taken out of each."""
    found: dict[int, list[Event]] = {}
    rows = select(CallEvent).where(CallEvent.call_id.in_(call_ids))
    for row in db.session.scalars(rows):
        found.setdefault(row.call_id or 0, []).append(_scrub(row))
    return found


def _erase(call: Call, events: list[Event], now: datetime) -> None:
    """Blank the row, and write what its events tell now: as folding it again would."""
    call.erased_at = now
    call.contact_id, call.contact_name = None, ""
    call.number, call.normal_form = "", None
    call.note, call.notes, call.recording_url = "", [], None
    call.voicemail_text = ""
    if call.dial_problem and call.dial_problem != NOT_TAKEN:
        call.dial_problem = "-"
    if call.sealed_at is not None:
        call.sources = {name: by for name, by in call.sources.items() if name not in OF_THE_PERSON}
        return
    facts = facts_from(events, call.tenant_id)
    agent_told_by = {name: by for name, by in call.sources.items() if name == "agent"}
    for name, value in columns_of(facts).items():
        setattr(call, name, value)
    call.sources = facts.sources | agent_told_by


def _scrub(row: CallEvent) -> Event:
    """Take the person out of an event on record; returns what is left."""
    event = Event(
        source=row.source,
        kind=row.kind,
        occurred_at=row.occurred_at,
        payload=row.payload,
        agent_id=row.agent_id,
        digest=row.digest,
    )
    left = without_person(event)
    if left.payload != row.payload:
        row.payload = dict(left.payload)
    return left
