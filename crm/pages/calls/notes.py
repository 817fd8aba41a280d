"""`/calls/<id>/notes`: the notes and outcome of a call, their correction after "Done", and its
history.

The fragment lives on the call's page and in a contact's timeline. Everybody who may see a call may
correct its notes. The earlier text stays in the call's events for as long as these are kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import uuid4

from flask import make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm import calls
from crm.calls import notes
from crm.calls.events import NOTE, OUTCOME
from crm.extensions import db
from crm.models import Call, CallEvent
from crm.pages.calls.blueprint import blueprint, line_of
from crm.web import call_notes, follow_ups, seen_calls
from crm.web.agent_names import names
from crm.web.layout import wants_fragment
from crm.web.outcome_names import outcome_names

MOST_FIELDS = 100


@dataclass(frozen=True, kw_only=True)
class Change:
    """One correction of a note or an outcome."""

    at: datetime
    who: str
    what: str  # "note" or "outcome"
    before: str  # the text until then
    whose: str = ""  # the author of that text
    deleted: bool = False  # nothing was put in its place


@blueprint.get("/calls/<int:call_id>/notes")
def show_notes(call_id: int) -> str | Response:
    """The present notes; with `edit` the form that corrects them."""
    call = seen_calls.call(call_id)
    editing = "edit" in request.args and call.erased_at is None
    if wants_fragment():
        return _draw("calls/_notes.html", call, editing=editing)
    if not editing:
        return redirect(url_for("calls.show", call_id=call.id))
    return _draw("calls/notes.html", call, editing=True)


@blueprint.post("/calls/<int:call_id>/notes")
def correct_notes(call_id: int) -> Response:
    """Record the changes in the form, and nothing else.

    Form: for each field one `note` and one `shown`, in the same order (the version of the note that
    it held, "" in the field for another one); draft (of the form, so that it counts once if it
    comes twice); outcome and outcome_shown.
    """
    call = seen_calls.call(call_id)
    if call.erased_at is not None:
        raise NotFound
    agent_id = current_user.id
    fields = zip(request.form.getlist("note"), request.form.getlist("shown"), strict=False)
    for number, (text, shown) in enumerate([*fields][:MOST_FIELDS]):
        draft = call_notes.draft_of(f"{call_id} {number}")
        versions = call_notes.versions(shown)
        call = calls.record_note(
            call, agent_id, call_notes.typed(text), shown=versions, draft=draft
        )
    outcome = request.form.get("outcome", "")
    is_known = not outcome or outcome_names().may_be_chosen(call, outcome)
    if is_known and outcome != request.form.get("outcome_shown", ""):
        call = calls.record_wrap_up(call, agent_id, outcome=outcome)
        follow_ups.after_outcome(call)
    db.session.commit()
    if not wants_fragment():
        return redirect(url_for("calls.show", call_id=call.id))
    answer = make_response(_draw("calls/_notes.html", call, editing=False))
    answer.headers["HX-Trigger"] = "calls-changed"
    return answer


def changes_of(found: Iterable[Call]) -> dict[int, list[Change]]:
    """The corrections of each of these calls, by its id, newest first; one query for all."""
    written: defaultdict[int, list[CallEvent]] = defaultdict(list)
    for event in calls.written_events(call.id for call in found):
        if event.call_id is not None:
            written[event.call_id].append(event)
    return {
        call_id: sorted(
            [*_changes_of_notes(events), *_changes_of_outcome(events)],
            key=lambda change: change.at,
            reverse=True,
        )
        for call_id, events in written.items()
    }


def _draw(template: str, call: Call, *, editing: bool) -> str:
    return render_template(
        template,
        call=call,
        line=line_of(call),
        editing=editing,
        draft=str(uuid4()) if editing else "",
        outcomes=outcome_names().offered(call),
        outcome=call.outcome,
        changes=[] if editing else changes_of([call]).get(call.id, []),
    )


def _changes_of_notes(events: Sequence[CallEvent]) -> Iterator[Change]:
    written = [notes.of_event(event) for event in events if event.kind == NOTE]
    known = {name: note for note in written for name in (note.version, note.digest)}
    for note in written:
        for before in (known[name] for name in note.replaces if name in known):
            if before.text:
                yield Change(
                    at=note.at,
                    who=names().of(note.agent_id),
                    what="note",
                    before=before.text,
                    whose=names().of(before.agent_id),
                    deleted=not note.text,
                )


def _changes_of_outcome(events: Sequence[CallEvent]) -> Iterator[Change]:
    for before, event in pairwise(event for event in events if event.kind == OUTCOME):
        if before.payload["outcome"]:
            yield Change(
                at=event.occurred_at,
                who=names().of(event.agent_id),
                what="outcome",
                before=outcome_names().of(before.tenant_id, before.payload["outcome"]),
                deleted=not event.payload["outcome"],
            )
