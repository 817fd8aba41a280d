"""Erases a person from calls for good. Figures stay, and the events' keys, times and figures.

`crm.pages.contacts` calls it. Later reports of such a call, like a repeated post or a record that
is read again, are redacted on arrival: see `crm.calls.rows`. A post that waits to be folded, or
that named no call, belongs to the person if it holds one of the numbers: as a value, within one, or
as a field name.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, tuple_

from crm.calls.apply import columns_of, facts_from
from crm.calls.events import HANGUP_POST, NOTIFICATION, VENDOR_KEYS, Event
from crm.calls.redaction import redacted
from crm.extensions import db
from crm.models import (
    Call,
    CallEvent,
    EventSource,
    FollowUp,
    InboxEntry,
    LoggedRequest,
    Tenant,
    inbox_file,
)
from crm.models.call import NOT_TAKEN
from crm.models.locking import take_write_lock
from crm.phone_numbers import digits, read

AT_ONCE = 200
TELLING_DIGITS = 9  # the last digits of a number are the same in every form
# Fields of `Call.sources` about the person.
PERSONAL = ("contact", "number", "note", "recording_url", "voicemail_text")


def count_calls_of(contact_id: int, own_numbers: Collection[str]) -> int:
    """How many calls `erase_calls` would erase the person from."""
    theirs = select(func.count()).select_from(Call).where(_theirs(contact_id, own_numbers))
    return db.session.scalar(theirs) or 0


def erase_calls(contact_id: int, own_numbers: Collection[str], *, now: datetime) -> int:
    """Erase a person from all calls and from posts without a call; returns how many calls.

    own_numbers: normal forms that no other contact has; their calls are erased too, also those
    without a contact. Flushes, the caller commits.
    """
    take_write_lock()
    if own_numbers:  # first: a post that is folded meanwhile is then found among the calls
        _erase_loose(own_numbers)
    db.session.execute(delete(FollowUp).where(FollowUp.contact_id == contact_id))
    last = erased = 0
    theirs = select(Call).where(_theirs(contact_id, own_numbers)).order_by(Call.id).limit(AT_ONCE)
    theirs = theirs.with_for_update().execution_options(populate_existing=True)
    while calls := list(db.session.scalars(theirs.where(Call.id > last))):
        events: dict[int | None, list[Event]] = {}
        rows = select(CallEvent).where(CallEvent.call_id.in_([call.id for call in calls]))
        for row in db.session.scalars(rows):
            events.setdefault(row.call_id, []).append(_redact(row))
        for call in calls:
            _erase(call, events.get(call.id, []), now)
        ids = [call.id for call in calls]
        db.session.execute(delete(FollowUp).where(FollowUp.call_id.in_(ids)))
        keys = {(call.tenant_id, getattr(call, name)) for call in calls for name in VENDOR_KEYS}
        about = tuple_(LoggedRequest.tenant_id, LoggedRequest.call_key).in_(keys)
        db.session.execute(delete(LoggedRequest).where(about))
        db.session.flush()
        last = calls[-1].id
        erased += len(calls)
    return erased


def redact_events_of(call_id: int) -> None:
    """Redact all events of a call; a second time changes nothing."""
    for row in db.session.scalars(select(CallEvent).where(CallEvent.call_id == call_id)):
        _redact(row)
    db.session.flush()


def _theirs(contact_id: int, own_numbers: Collection[str]) -> ColumnElement[bool]:
    nobodys = and_(Call.contact_id.is_(None), Call.normal_form.in_(sorted(own_numbers)))
    return or_(Call.contact_id == contact_id, nobodys)


def _erase(call: Call, events: list[Event], now: datetime) -> None:
    """Blank the row, and write the facts of its redacted events, as folding again would."""
    call.erased_at = now
    call.contact_id, call.contact_name = None, ""
    call.number, call.normal_form = "", None
    call.note, call.notes, call.recording_url = "", [], None
    call.voicemail_text = ""
    if call.dial_problem and call.dial_problem != NOT_TAKEN:
        call.dial_problem = "-"
    if call.archived_at is not None:
        call.sources = {name: by for name, by in call.sources.items() if name not in PERSONAL}
        return
    facts = facts_from(events, call.tenant_id)
    agent_told_by = {name: by for name, by in call.sources.items() if name == "agent"}
    for name, value in columns_of(facts).items():
        setattr(call, name, value)
    call.sources = facts.sources | agent_told_by


def _redact(row: CallEvent) -> Event:
    """Redact a stored event; returns the rest."""
    event = Event(
        source=row.source,
        kind=row.kind,
        occurred_at=row.occurred_at,
        payload=row.payload,
        agent_id=row.agent_id,
        digest=row.digest,
    )
    left = redacted(event)
    if left.payload != row.payload:
        row.payload = dict(left.payload)
    return left


def _erase_loose(numbers: Collection[str]) -> None:
    """Redact posts without a call that hold one of these numbers (normal forms)."""
    tenants = {tenant.id: tenant for tenant in db.session.scalars(select(Tenant))}

    def redact(row: InboxEntry | CallEvent) -> bool:
        theirs = _Numbers(numbers, tenants[row.tenant_id].region)
        if not theirs.are_in(row.payload):
            return False
        row.payload = theirs.taken_out_of(_redacted_post(row, tenants[row.tenant_id]))
        if isinstance(row, InboxEntry):
            row.last_error = ""  # it may quote what came
        return True

    inbox_file.rewrite(lambda row: row.tenant_id in tenants and redact(row))
    nobodys = select(CallEvent).where(CallEvent.call_id.is_(None))
    for statement in (select(InboxEntry), nobodys):
        locked = statement.with_for_update().execution_options(yield_per=AT_ONCE)
        for row in db.session.scalars(locked):
            redact(row)
    db.session.flush()


class _Numbers:
    """Recognises a person's numbers in any form; region: where they were written."""

    def __init__(self, numbers: Collection[str], region: str) -> None:
        full = (digits(number.partition(";")[0]) for number in numbers if number[:1] == "+")
        self._ends = {number[-TELLING_DIGITS:] for number in full}
        self._numbers = numbers
        self._region = region

    def are_in(self, value: Any) -> bool:
        if isinstance(value, dict):
            return any(self.are_in(one) for pair in value.items() for one in pair)
        if isinstance(value, list):
            return any(self.are_in(inner) for inner in value)
        if isinstance(value, bool) or not isinstance(value, str | int):
            return False
        found = digits(str(value))
        written = read(str(value), self._region)
        # "12 min" is not the number 12; a full number is recognised by its end.
        known = not written.label and written.number in self._numbers
        return known or any(end in found for end in self._ends)

    def taken_out_of(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The fields, with empty values for those that hold a number."""
        return {
            name: self.taken_out_of(value)
            if isinstance(value, dict)
            else ("" if self.are_in(value) else value)
            for name, value in payload.items()
        }


def _redacted_post(row: InboxEntry | CallEvent, tenant: Tenant) -> dict[str, Any]:
    """The keys, times and figures of a post."""
    if isinstance(row, CallEvent):
        kind, at, payload = row.kind, row.occurred_at, row.payload
    elif row.source is EventSource.NOTIFICATION:
        kind, at = NOTIFICATION, row.received_at
        payload = {"parameters": row.payload, "names": tenant.notification_map or {}}
    else:
        kind, at, payload = HANGUP_POST, row.received_at, row.payload
    left = redacted(Event(source=row.source, kind=kind, occurred_at=at, payload=payload)).payload
    is_notification = isinstance(row, InboxEntry) and row.source is EventSource.NOTIFICATION
    return dict(left["parameters"] if is_notification else left)
