"""What agents wrote about a call: note, outcome, whose call it is, that it is worked off.

Used by `crm.calls.fold`.

A note names the notes that it replaces. When two rows turn out to be one call, both their notes
stand, one below the other, until somebody edits them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm.calls.events import CONTACT, DIAL, MISSED_DONE, NOTE, OUTCOME, Event

_OWN = frozenset({CONTACT, DIAL, MISSED_DONE, NOTE, OUTCOME})


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """The words in force. current_notes: digests of the notes that a next one replaces.

    callback_of_id: the missed call that the dial was meant to call back.
    """

    note: str = ""
    outcome: str = ""
    contact_id: int | None = None
    missed_done: bool = False
    callback_of_id: int | None = None
    current_notes: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)


def of(events: Iterable[Event]) -> OwnWords:
    """What stands of all that was written."""
    events = [event for event in events if event.kind in _OWN]
    if not events:  # most calls of a tenant: a record and nobody's word
        return OwnWords()
    events.sort(key=lambda event: (event.occurred_at, event.digest))
    notes = _current_notes(events)
    outcome = _last(events, OUTCOME)
    contact = _last(events, CONTACT) or _last(events, DIAL)
    chosen = {"note": notes[-1] if notes else None, "outcome": outcome, "contact": contact}
    contact_id = contact.payload.get("contact_id") if contact else None
    return OwnWords(
        note="\n".join(text for text in (note.payload["note"] for note in notes) if text),
        outcome=str(outcome.payload["outcome"]) if outcome else "",
        contact_id=contact_id,
        missed_done=any(event.kind == MISSED_DONE for event in events),
        callback_of_id=_callback_of(events),
        current_notes=tuple(note.digest for note in notes),
        sources={
            name: event.source.value
            for name, event in chosen.items()
            if event and (name != "contact" or contact_id is not None)
        },
    )


def _current_notes(events: list[Event]) -> list[Event]:
    notes = [event for event in events if event.kind == NOTE]
    replaced = {digest for note in notes for digest in note.payload.get("replaces", ())}
    return [note for note in notes if note.digest not in replaced]


def _callback_of(events: list[Event]) -> int | None:
    dials = (event.payload.get("callback_of") for event in events if event.kind == DIAL)
    return next((call_id for call_id in dials if isinstance(call_id, int)), None)


def _last(events: list[Event], kind: str) -> Event | None:
    return next((event for event in reversed(events) if event.kind == kind), None)
