"""The notes of a call: who wrote which, and which of them stand. Pure.

A note replaces only what its writer was shown. Two people's notes both stand, and so do those of
one person in two windows, until somebody who was shown both writes one in their place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.calls.events import Event, digest_of
from crm.models import Call, CallEvent


@dataclass(frozen=True, kw_only=True)
class Note:
    """A note as it was last saved. digest: of its event; it stays while the note is being typed.

    replaces: versions of other notes, those that its writer was shown.
    """

    digest: str
    agent_id: int | None
    at: datetime
    text: str
    replaces: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Names the note as it reads now: typed further, it is what nobody was shown yet."""
        return version_of(self.digest, self.text)

    def as_json(self) -> dict[str, Any]:
        """As the call's row keeps it."""
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
    """The notes that a call's row keeps, oldest first.

    Of a call whose events were deleted before rows told who wrote there are only the words.
    """
    if call.note and not call.notes:
        return [Note(digest="", agent_id=None, at=call.started_at, text=call.note)]
    return [Note(**{**note, "at": datetime.fromisoformat(note["at"])}) for note in call.notes]


def standing(notes: Iterable[Note]) -> list[Note]:
    """The notes in force, oldest first; one that was cleared says nothing and is left out."""
    notes = list(notes)
    # Events of before versions name the digest.
    replaced = {version for note in notes for version in note.replaces}
    left = [note for note in notes if note.text and not {note.digest, note.version} & replaced]
    return sorted(left, key=lambda note: (note.at, note.digest))


def together(notes: Iterable[Note]) -> str:
    """Their words, one below the other."""
    return "\n".join(note.text for note in notes)
