"""Notes of a call as pages show and send them: in the card, on the call's page, in lists and files.

A form sends with each note the versions that its field showed (`shown`), so that a note replaces
only what its writer saw (`crm.calls.notes`).
"""

from dataclasses import dataclass
from datetime import datetime

from flask import request

from crm import calls
from crm.calls import notes
from crm.models import Call
from crm.web import follow_ups as due
from crm.web.agent_names import names
from crm.web.incoming import row_id
from crm.web.outcome_names import outcome_names

LONGEST_NOTE = 20_000
LONGEST_OUTCOME = 50
LONGEST_DRAFT = 100
MOST_SHOWN = 50  # notes in one field


@dataclass(frozen=True, kw_only=True)
class NoteLine:
    """A note with its author's name."""

    author_id: int | None
    author: str  # "" when it is not known any more who wrote it; then `at` is the call's own time
    at: datetime
    text: str
    version: str  # what a form sends back as `shown`


def lines_of(call: Call) -> tuple[NoteLine, ...]:
    """The notes in force, oldest first."""
    return tuple(
        NoteLine(
            author_id=note.agent_id,
            author=names().of(note.agent_id),
            at=note.at,
            text=note.text,
            version=note.version,
        )
        for note in notes.of_call(call)
    )


def record_typed(call: Call, agent_id: int, cid: str) -> Call:
    """Record the card's form: the note and the outcome, each only if it was sent.

    Form: note; shown (versions, with spaces between), draft and revision as static/js/call-notes.js
    sends them; outcome; the follow-up, as `crm.web.follow_ups` takes it.
    """
    if "note" in request.form:
        shown = request.form.get("shown")
        call = calls.record_note(
            call,
            agent_id,
            typed(request.form["note"]),
            shown=versions(shown) if shown is not None else None,
            draft=draft_of(cid),
            revision=request.form.get("revision", 0, type=row_id),
        )
    outcome = request.form.get("outcome", "")[:LONGEST_OUTCOME]
    # A radio button can be chosen but not cleared.
    if outcome and outcome_names().may_be_chosen(call, outcome):
        call = calls.record_wrap_up(call, agent_id, outcome=outcome)
        due.after_outcome(call)
    due.record_typed(call)
    return call


def typed(text: str) -> str:
    """A note from a form, cut to the length of a note and with uniform line ends."""
    return text[:LONGEST_NOTE].replace("\r\n", "\n")


def versions(shown: str) -> list[str]:
    """The versions of the notes that a field showed."""
    return shown.split()[:MOST_SHOWN]


def draft_of(place: str) -> str:
    """The name of a field while it is typed in: unique to the page and to the call it is about."""
    draft = request.form.get("draft", "")[:LONGEST_DRAFT]
    return f"{place} {draft}" if draft else ""
