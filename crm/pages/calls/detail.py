"""`/calls/<id>`: one call with all that is known of it, and each event as it came."""

from collections.abc import Iterable

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from crm import calls
from crm.calls.worked_off import worked_off
from crm.models import Call
from crm.pages.calls import changes
from crm.pages.calls.blueprint import allowed, blueprint, line_of, lines_of, tenant_ids
from crm.pages.calls.payloads import events_for
from crm.web import current_agent


@blueprint.get("/calls/<int:call_id>")
def show(call_id: int) -> str | Response:
    """The call. The id of a row that was joined into another leads to that one."""
    call = allowed(call_id)
    if call.id != call_id:
        return redirect(url_for("calls.show", call_id=call.id))
    agent = current_agent.get()
    card = calls.card_of(call, agent.id)
    return render_template(
        "calls/call.html",
        call=call,
        line=line_of(call),
        cid=card.browser_call_id if card else None,
        changes=changes.of_call(call),
        worked_off=worked_off(call) if call.missed_done else None,
        events=events_for(call, calls.events_of_call(call.id), agent),
        calls_back=lines_of(_seen([_called_back(call)])),
        called_back_by=lines_of(_seen(calls.call_backs_of(call.id))),
    )


def _called_back(call: Call) -> Call | None:
    return calls.find(call.callback_of_id) if call.callback_of_id else None


def _seen(found: Iterable[Call | None]) -> list[Call]:
    mine = tenant_ids()
    return [call for call in found if call and (mine is None or call.tenant_id in mine)]
