"""How note and outcome of a call were corrected: who, when, and what stood there before.

Read from the call's events, so of a call whose events are deleted nothing is told.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from crm import calls
from crm.calls import notes
from crm.calls.events import NOTE, OUTCOME, Event
from crm.models import Call, CallEvent
from crm.web.agent_names import names


@dataclass(frozen=True, kw_only=True)
class Change:
    """One correction. what: "note" or "outcome". before: what it took the place of; whose: who had
    written that. deleted: nothing was put there instead.
    """

    at: datetime
    who: str
    what: str
    before: str
    whose: str = ""
    deleted: bool = False


def of_call(call: Call) -> list[Change]:
    """The corrections of a call, the newest first."""
    return of_calls([call]).get(call.id, [])


def of_calls(found: Iterable[Call]) -> dict[int, list[Change]]:
    """The corrections of each of these calls by its id, the newest first; one query for all."""
    written: defaultdict[int, list[CallEvent]] = defaultdict(list)
    for event in calls.written_events(call.id for call in found):
        if event.call_id is not None:
            written[event.call_id].append(event)
    return {call_id: _newest_first(events) for call_id, events in written.items()}


def _newest_first(events: Sequence[CallEvent]) -> list[Change]:
    changes = [*_of_notes(events), *_of_outcome(events)]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def _of_notes(events: Sequence[CallEvent]) -> list[Change]:
    written = [notes.of_event(_event(event)) for event in events if event.kind == NOTE]
    known = {name: note for note in written for name in (note.version, note.digest)}
    return [
        Change(
            at=note.at,
            who=names().of(note.agent_id),
            what="note",
            before=before.text,
            whose=names().of(before.agent_id),
            deleted=not note.text,
        )
        for note in written
        for before in (known[name] for name in note.replaces if name in known)
        if before.text
    ]


def _of_outcome(events: Sequence[CallEvent]) -> list[Change]:
    chosen = [event for event in events if event.kind == OUTCOME]
    return [
        Change(
            at=event.occurred_at,
            who=names().of(event.agent_id),
            what="outcome",
            before=calls.label_of(before.payload["outcome"]),
            deleted=not event.payload["outcome"],
        )
        for before, event in pairwise(chosen)
        if before.payload["outcome"]
    ]


def _event(row: CallEvent) -> Event:
    return Event(
        source=row.source,
        kind=row.kind,
        occurred_at=row.occurred_at,
        payload=row.payload,
        agent_id=row.agent_id,
        digest=row.digest,
    )
