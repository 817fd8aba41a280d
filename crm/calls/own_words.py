"""What agents wrote about a call: notes, outcome, whose call it is, that it is worked off.

Used by `crm.calls.fold`. Which notes stand is decided in `crm.calls.notes`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm.calls import notes
from crm.calls.events import CONTACT, DIAL, MISSED_DONE, MISSED_UNDONE, NOTE, OUTCOME, Event
from crm.calls.notes import Note

_OWN = frozenset({CONTACT, DIAL, MISSED_DONE, MISSED_UNDONE, NOTE, OUTCOME})
_WRITTEN = (NOTE, OUTCOME)


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """The words in force.

    callback_of_id: the missed call that the dial was meant to call back. writers: the agents who
    have written a note or chosen an outcome.
    """

    notes: tuple[Note, ...] = ()
    outcome: str = ""
    contact_id: int | None = None
    missed_done: bool = False
    callback_of_id: int | None = None
    writers: frozenset[int | None] = frozenset()
    sources: dict[str, str] = field(default_factory=dict)


def of(events: Iterable[Event]) -> OwnWords:
    """What stands of all that was written."""
    events = [event for event in events if event.kind in _OWN]
    if not events:  # most calls of a tenant: a record and nobody's word
        return OwnWords()
    events.sort(key=lambda event: (event.occurred_at, event.digest))
    outcome = _last(events, OUTCOME)
    worked_off = _last(events, MISSED_DONE, MISSED_UNDONE)
    contact = _last(events, CONTACT) or _last(events, DIAL)
    chosen = {"note": _last(events, NOTE), "outcome": outcome, "contact": contact}
    contact_id = contact.payload.get("contact_id") if contact else None
    written = [notes.of_event(event) for event in events if event.kind == NOTE]
    return OwnWords(
        notes=tuple(notes.standing(written)),
        outcome=str(outcome.payload["outcome"]) if outcome else "",
        contact_id=contact_id,
        missed_done=worked_off is not None and worked_off.kind == MISSED_DONE,
        callback_of_id=_callback_of(events),
        writers=frozenset(event.agent_id for event in events if event.kind in _WRITTEN),
        sources={
            name: event.source.value
            for name, event in chosen.items()
            if event and (name != "contact" or contact_id is not None)
        },
    )


def _callback_of(events: list[Event]) -> int | None:
    dials = (event.payload.get("callback_of") for event in events if event.kind == DIAL)
    return next((call_id for call_id in dials if isinstance(call_id, int)), None)


def _last(events: list[Event], *kinds: str) -> Event | None:
    return next((event for event in reversed(events) if event.kind in kinds), None)
