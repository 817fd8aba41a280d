"""What agents recorded about a call: notes, outcome, contact, a missed call done. Pure.

Each is an event; `fold` asks this module which of them are in force. A note replaces only what its
writer was shown. Two people's notes both stand, and so do those of one person in two windows, until
somebody who was shown both writes one in their place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.calls.events import (
    CONTACT,
    DIAL,
    MISSED_DONE,
    MISSED_UNDONE,
    NOTE,
    OUTCOME,
    Event,
    digest_of,
)
from crm.models import Call, CallEvent

_WRITTEN = frozenset({CONTACT, DIAL, MISSED_DONE, MISSED_UNDONE, NOTE, OUTCOME})


@dataclass(frozen=True, kw_only=True)
class Note:
    """A note as it was last saved. digest: of its event; it does not change while the note is
    typed.

    replaces: versions of other notes that its writer was shown.
    """

    digest: str
    agent_id: int | None
    at: datetime
    text: str
    replaces: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Names the note's present text: after more typing it is another version."""
        return version_of(self.digest, self.text)

    def as_json(self) -> dict[str, Any]:
        """The form in which the call's row stores it."""
        return {
            "digest": self.digest,
            "agent_id": self.agent_id,
            "at": self.at.isoformat(),
            "text": self.text,
        }


def version_of(digest: str, text: str) -> str:
    """The version of a note with this text."""
    return digest_of(digest, text)


def of_event(event: Event | CallEvent) -> Note:
    """The note that an event of kind NOTE holds."""
    return Note(
        digest=event.digest,
        agent_id=event.agent_id,
        at=event.occurred_at,
        text=event.payload["note"],
        replaces=tuple(event.payload.get("replaces") or ()),
    )


def of_call(call: Call) -> list[Note]:
    """The notes in a call's row, oldest first.

    Old rows whose events were deleted have only the text, without an author.
    """
    if call.note and not call.notes:
        return [Note(digest="", agent_id=None, at=call.started_at, text=call.note)]
    return [Note(**{**note, "at": datetime.fromisoformat(note["at"])}) for note in call.notes]


def standing(notes: Iterable[Note]) -> list[Note]:
    """The notes in force, oldest first; a cleared one is left out."""
    notes = list(notes)
    # Events from before there were versions name the digest.
    replaced = {version for note in notes for version in note.replaces}
    left = [note for note in notes if note.text and not {note.digest, note.version} & replaced]
    return sorted(left, key=lambda note: (note.at, note.digest))


def together(notes: Iterable[Note]) -> str:
    """Their texts, one below the other."""
    return "\n".join(note.text for note in notes)


@dataclass(frozen=True, kw_only=True)
class WrapUp:
    """The agents' entries that are in force."""

    notes: tuple[Note, ...] = ()
    outcome: str = ""
    contact_id: int | None = None
    missed_done: bool = False
    callback_of_id: int | None = None  # the missed call that the dial was meant to call back
    writers: frozenset[int | None] = frozenset()  # the agents who wrote a note or chose an outcome
    sources: dict[str, str] = field(default_factory=dict)


def wrap_up_of(events: Iterable[Event]) -> WrapUp:
    """The entries in force: all notes that were not replaced, and the last of each other kind."""
    events = [event for event in events if event.kind in _WRITTEN]
    if not events:  # most calls of a tenant: a record and no agent's entry
        return WrapUp()
    events.sort(key=lambda event: (event.occurred_at, event.digest))
    last = {event.kind: event for event in events}
    outcome, contact = last.get(OUTCOME), last.get(CONTACT) or last.get(DIAL)
    worked_off = [event for event in events if event.kind in (MISSED_DONE, MISSED_UNDONE)]
    dials = (event.payload.get("callback_of") for event in events if event.kind == DIAL)
    contact_id = contact.payload.get("contact_id") if contact else None
    chosen = {"note": last.get(NOTE), "outcome": outcome, "contact": contact}
    return WrapUp(
        notes=tuple(standing(of_event(event) for event in events if event.kind == NOTE)),
        outcome=str(outcome.payload["outcome"]) if outcome else "",
        contact_id=contact_id,
        missed_done=bool(worked_off) and worked_off[-1].kind == MISSED_DONE,
        callback_of_id=next((call_id for call_id in dials if isinstance(call_id, int)), None),
        writers=frozenset(event.agent_id for event in events if event.kind in (NOTE, OUTCOME)),
        sources={
            name: event.source.value
            for name, event in chosen.items()
            if event and (name != "contact" or contact_id is not None)
        },
    )
