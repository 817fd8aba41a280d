"""`/calls/<id>`: one call with all known facts, and each event as it came."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from crm import calls
from crm.calls import missed
from crm.pages.calls.blueprint import blueprint, line_of, lines_of
from crm.pages.calls.events import events_for
from crm.pages.calls.notes import changes_of
from crm.web import current_agent, seen_calls


@blueprint.get("/calls/<int:call_id>")
def show(call_id: int) -> str | Response:
    """The call. The id of a row that was merged into another leads to that one."""
    call = seen_calls.call(call_id)
    if call.id != call_id:
        return redirect(url_for("calls.show", call_id=call.id))
    agent = current_agent.get()
    card = calls.card_of(call, agent.id)
    called_back = calls.find(call.callback_of_id) if call.callback_of_id else None
    return render_template(
        "calls/call.html",
        call=call,
        line=line_of(call),
        cid=card.browser_call_id if card else None,
        changes=changes_of([call]).get(call.id, []),
        done=missed.done_by(call) if call.missed_done else None,
        events=events_for(call, calls.events_of_call(call.id), agent),
        calls_back=lines_of(seen_calls.of([called_back])),
        called_back_by=lines_of(seen_calls.of(calls.call_backs_of(call.id))),
    )
