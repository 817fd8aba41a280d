"""Writes a note about a call. The panel and the call's page call `record_note`.

A note that is being typed is one event, which grows; what it read before is not kept.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from crm.calls import notes
from crm.calls.apply import refold
from crm.calls.archived import write_on_archived
from crm.calls.events import NOTE, Event, digest_of
from crm.calls.redaction import redacted
from crm.calls.rows import locked, place
from crm.extensions import db
from crm.models import Call, CallEvent, EventSource, utc_now


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
    """Keep what an agent wrote; returns the row that the call is in now.

    shown: versions of the notes that stood in the field, which this one replaces; the text that
    they had is no edit. None: nobody told which stood there. Then it replaces the agent's own, and
    an empty text says nothing.
    draft: names the field of this call while it is typed in, "" for a note written at once. Of two
    texts of a draft the one with the higher revision counts, however late the other arrives.
    """
    call = locked(call.id)
    at = at or utc_now()
    digest = digest_of(EventSource.AGENT, NOTE, agent_id, draft or [call.id, at.timestamp(), text])
    known = _event(call.tenant_id, digest)
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


def _event(tenant_id: int, digest: str) -> CallEvent | None:
    same = (CallEvent.tenant_id == tenant_id, CallEvent.digest == digest)
    return db.session.scalar(select(CallEvent).where(*same))


def _replaced(
    call: Call, agent_id: int, text: str, shown: Collection[str] | None
) -> tuple[list[str], bool]:
    """The versions that a new note replaces, and whether it says anything new."""
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
