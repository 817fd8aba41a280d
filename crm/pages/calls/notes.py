"""`/calls/<id>/notes`: what was written about a call, and correcting it after "Done".

The fragment lives on the call's page and in a contact's timeline. Whoever may see a call may
correct what is written about it; what stood there before stays in the call's history.
"""

from uuid import uuid4

from flask import make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm import calls
from crm.extensions import db
from crm.models import Call
from crm.pages.calls import changes
from crm.pages.calls.blueprint import allowed, blueprint, line_of
from crm.web import call_notes
from crm.web.layout import wants_fragment

MOST_FIELDS = 100


@blueprint.get("/calls/<int:call_id>/notes")
def show_notes(call_id: int) -> str | Response:
    """The notes as they stand; with `edit` the form that corrects them."""
    call = allowed(call_id)
    editing = "edit" in request.args and call.erased_at is None
    if wants_fragment():
        return _draw(call, editing=editing)
    if not editing:
        return redirect(url_for("calls.show", call_id=call.id))
    return render_template("calls/notes.html", call=call, **_shown(call, editing=True))


@blueprint.post("/calls/<int:call_id>/notes")
def correct_notes(call_id: int) -> Response:
    """Write down what was changed in the form, and nothing else.

    Form: for each field one `note` and one `shown`, in the same order (the version of the note that
    it held, "" in the field for another one); draft (of the form, so that it counts once if it
    comes twice); outcome and outcome_shown.
    """
    call = allowed(call_id)
    if call.erased_at is not None:
        raise NotFound
    agent_id = current_user.id
    fields = zip(request.form.getlist("note"), request.form.getlist("shown"), strict=False)
    for place, (text, shown) in enumerate([*fields][:MOST_FIELDS]):
        draft = call_notes.draft_of(f"{call_id} {place}")
        versions = call_notes.versions(shown)
        call = calls.record_note(
            call, agent_id, call_notes.typed(text), shown=versions, draft=draft
        )
    outcome = request.form.get("outcome", "")
    if outcome != request.form.get("outcome_shown", ""):
        call = calls.record_wrap_up(call, agent_id, outcome=outcome)
    db.session.commit()
    if not wants_fragment():
        return redirect(url_for("calls.show", call_id=call.id))
    answer = make_response(_draw(call, editing=False))
    answer.headers["HX-Trigger"] = "calls-changed"
    return answer


def _draw(call: Call, *, editing: bool) -> str:
    return render_template("calls/_notes.html", **_shown(call, editing=editing))


def _shown(call: Call, *, editing: bool) -> dict[str, object]:
    return {
        "line": line_of(call),
        "editing": editing,
        "draft": str(uuid4()) if editing else "",
        "outcomes": calls.OUTCOMES,
        "outcome": call.outcome,
        "changes": [] if editing else changes.of_call(call),
    }
