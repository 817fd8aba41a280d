"""Records an agent's work on a call (note, outcome, contact, done), and a call's lost end.

The call panel and the call's page call these; they flush, the caller commits. Notes and outcomes
are events too, so that merging two rows loses neither. A note that is being typed is one event,
which grows; its earlier text is not kept.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from crm.calls import events as kinds
from crm.calls import notes
from crm.calls.apply import refold
from crm.calls.archived import write_on_archived
from crm.calls.events import NOTE, Event, digest_of
from crm.calls.redaction import redacted
from crm.calls.rows import locked, place
from crm.extensions import db
from crm.models import Call, CallEvent, CallState, EventSource, utc_now

LISTED_WITHIN = timedelta(seconds=30)


def record_wrap_up(
    call: Call,
    agent_id: int,
    *,
    note: str | None = None,
    outcome: str | None = None,
    contact_id: int | None = None,
    at: datetime | None = None,
) -> Call:
    """Note, outcome and contact as the agent sets them; None leaves each as it is.

    The note takes the place of the notes that this agent wrote before. Returns the call's present
    row.
    """
    call = locked(call.id)
    at = at or utc_now()
    if note is not None:
        call = record_note(call, agent_id, note, at=at)
    if outcome is not None and outcome != call.outcome:
        call = _write(call, agent_id, kinds.OUTCOME, at, {"outcome": outcome})
    if contact_id is not None:
        call = _write(call, agent_id, kinds.CONTACT, at, {"contact_id": contact_id})
    return call


def close_card(call: Call, agent_id: int, *, at: datetime | None = None) -> Call:
    """The agent is done with the call: its card leaves the panel until the call rings again."""
    return _write(call, agent_id, kinds.DONE, at or utc_now(), {})


def end_if_gone(call: Call, agent_id: int, active_keys: Collection[str], *, now: datetime) -> Call:
    """End a call at an agent when it is missing from the vendor's list of that agent's calls.

    active_keys: the `activecallkey`s of the list. A call without a key can only be ended when the
    list is empty, because it may be any call in the list. One that began or was answered within
    LISTED_WITHIN may not be in the list yet.
    """
    gone = call.activecallkey not in active_keys if call.activecallkey else not active_keys
    if call.state is CallState.ENDED or not gone or now - call.state_since < LISTED_WITHIN:
        return call
    return _write(call, agent_id, kinds.GONE, now, {})


def record_note(
    call: Call,
    agent_id: int,
    text: str,
    *,
    shown: Collection[str] | None = None,
    draft: str = "",
    revision: int = 0,
    at: datetime | None = None,
) -> Call:
    """Save an agent's note; returns the call's present row.

    shown: versions of the notes that were in the field, which this one replaces; their unchanged
    text is no edit. None: unknown. Then it replaces the agent's own notes, and an empty text is
    ignored.
    draft: names the field of this call while it is typed in, "" for a note written at once. Of two
    texts of a draft the one with the higher revision counts, in whatever order they arrive.
    """
    call = locked(call.id)
    at = at or utc_now()
    digest = digest_of(EventSource.AGENT, NOTE, agent_id, draft or [call.id, at.timestamp(), text])
    same = (CallEvent.tenant_id == call.tenant_id, CallEvent.digest == digest)
    known = db.session.scalar(select(CallEvent).where(*same))
    if known is not None:
        replaces = known.payload.get("replaces") or []  # an erased one has none
        is_news = revision > known.payload["revision"]
    else:
        replaces, is_news = _replaced(call, agent_id, text, shown)
    if not is_news:
        return call
    event = Event(
        source=EventSource.AGENT,
        kind=NOTE,
        occurred_at=at,
        payload={"note": text, "replaces": replaces, "revision": revision},
        agent_id=agent_id,
        digest=digest,
    )
    if known is None:
        return place(call.tenant_id, event, call_id=call.id) or call
    _type_further(call, known, event)
    return call


def _replaced(
    call: Call, agent_id: int, text: str, shown: Collection[str] | None
) -> tuple[list[str], bool]:
    """The versions that a new note replaces, and whether its text is new."""
    stand = notes.of_call(call)
    if shown is None:
        own = [note for note in stand if note.agent_id == agent_id]
        return [note.version for note in own], text not in ("", notes.together(own))
    if not shown:
        return [], bool(text)
    written = select(CallEvent.digest).where(CallEvent.call_id == call.id, CallEvent.kind == NOTE)
    digests = {*(note.digest for note in stand), *db.session.scalars(written)}
    same = text == notes.together(note for note in stand if note.version in shown)
    same = same or any(notes.version_of(digest, text) in shown for digest in digests)
    return sorted(shown), not same


def _type_further(call: Call, known: CallEvent, event: Event) -> None:
    if call.erased_at is not None:
        event = redacted(event)
    known.payload, known.occurred_at = dict(event.payload), event.occurred_at
    db.session.flush()
    if call.archived_at is None:
        refold(call)
    else:
        write_on_archived(call, event)


def _write(
    call: Call,
    agent_id: int,
    kind: str,
    at: datetime,
    payload: Mapping[str, Any],
) -> Call:
    source = EventSource.ACTIVE_CALL if kind == kinds.GONE else EventSource.AGENT
    event = Event(
        source=source,
        kind=kind,
        occurred_at=at,
        payload=dict(payload),
        agent_id=agent_id,
        digest=digest_of(source, kind, call.id, agent_id, at.timestamp(), payload),
    )
    return place(call.tenant_id, event, call_id=call.id) or call
