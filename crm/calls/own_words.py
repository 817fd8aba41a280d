"""What agents wrote about a call: note, outcome, whose call it is. Used by `crm.calls.fold`.

A note names the notes that it replaces. When two rows turn out to be one call, both their notes
stand, one below the other, until somebody edits them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm.calls.events import CONTACT, DIAL, NOTE, OUTCOME, Event


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """The words in force. current_notes: digests of the notes that a next one replaces."""

    note: str = ""
    outcome: str = ""
    contact_id: int | None = None
    current_notes: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)


def of(events: Iterable[Event]) -> OwnWords:
    """What stands of all that was written."""
    events = sorted(events, key=lambda event: (event.occurred_at, event.digest))
    notes = _current_notes(events)
    outcome = _last(events, OUTCOME)
    contact = _last(events, CONTACT) or _last(events, DIAL)
    chosen = {"note": notes[-1] if notes else None, "outcome": outcome, "contact": contact}
    contact_id = contact.payload.get("contact_id") if contact else None
    return OwnWords(
        note="\n".join(text for text in (note.payload["note"] for note in notes) if text),
        outcome=str(outcome.payload["outcome"]) if outcome else "",
        contact_id=contact_id,
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


def _last(events: list[Event], kind: str) -> Event | None:
    return next((event for event in reversed(events) if event.kind == kind), None)
