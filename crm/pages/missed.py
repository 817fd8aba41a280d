"""`/missed`: callers whom nobody has answered, and their number for the top bar.

A call back is a dial like any other (`crm.telephony.dial`), with the id of the missed call.
"""

from json import dumps

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm import calls
from crm.calls import missed
from crm.models import Call
from crm.models.locking import in_one_transaction
from crm.web import clock, current_agent, paging, seen_calls
from crm.web.call_lines import MissedLine, who
from crm.web.incoming import row_id
from crm.web.layout import wants_fragment
from crm.web.template_filters import local_time

blueprint = Blueprint("missed", __name__, url_prefix="/missed")

PAGE = 50


@blueprint.get("")
def index() -> str:
    """The waiting callers; the lines of the next page alone with `before`.

    undo: a call that the agent has marked done and can undo.
    """
    if wants_fragment() and paging.cursor() is not None:
        return _draw("missed/_rows.html")
    return _draw("missed/index.html", undo=_undo())


@blueprint.get("/list")
def waiting() -> str:
    """The list alone, for a refresh when calls have changed; `shown`: how many lines it has."""
    return _draw("missed/_list.html", undo=_undo())


@blueprint.get("/badge")
def badge() -> str:
    """How many callers wait, for the top bar."""
    return render_template("missed/_badge.html")


@blueprint.post("/<int:call_id>/done")
def done(call_id: int) -> AnyResponse:
    """Mark the caller done: all calls up to this one, the newest that the agent saw."""
    agent_id, now = current_agent.get().id, clock.now()
    first = in_one_transaction(lambda: missed.mark_done(seen_calls.call(call_id), agent_id, at=now))
    call, is_mine = seen_calls.call(call_id), first is not None and first.agent_id == agent_id
    if not wants_fragment():
        return redirect(url_for("missed.index", undo=call.id if is_mine else None), 303)
    if is_mine:
        return _changed("missed/_list.html", undo=call)
    if first is None:
        told = _("Somebody has talked with this caller meanwhile.")
    else:
        time = local_time(first.at, current_user.timezone, "HH:mm")
        told = _("%(name)s has done this already, at %(time)s.", name=first.agent_name, time=time)
    return _changed("missed/_list.html", told=told)


@blueprint.post("/<int:call_id>/undo")
def undo(call_id: int) -> AnyResponse:
    """Undo a Done: the calls that were marked done with it wait again."""
    agent, now = current_agent.get(), clock.now()
    count = in_one_transaction(lambda: missed.undo(seen_calls.call(call_id), agent.id, at=now))
    if not wants_fragment():
        return redirect(url_for("missed.index"), 303)
    name = who(seen_calls.call(call_id), agent)
    told = _("%(who)s waits to be called back again.", who=name) if count else ""
    answer = _changed("missed/index.html", told=told)
    answer.headers["HX-Push-Url"] = url_for("missed.index")
    return answer


@blueprint.app_template_global("missed_count")
def count() -> str:
    """How many callers wait, "99+" for more; "" for none. Asked by pages with a top bar alone."""
    number = missed.count_waiting(current_agent.get().tenants_seen(), now=clock.now())
    if number >= missed.MOST_COUNTED:
        return f"{missed.MOST_COUNTED - 1}+"
    return str(number) if number else ""


def _undo() -> Call | None:
    """The call whose Done can be undone with a click: the agent's own, and not undone yet."""
    call_id = request.args.get("undo", type=row_id)
    call = calls.find(call_id) if call_id is not None else None
    if call is None or not current_agent.get().sees(call.tenant_id):
        return None
    by = missed.done_by(call)
    return call if by is not None and by.agent_id == current_user.id else None


def _changed(template: str, *, told: str = "", undo: Call | None = None) -> Response:
    answer = make_response(_draw(template, told=told, undo=undo))
    answer.headers["HX-Trigger"] = dumps({"missed-changed": {}})
    return answer


def _draw(template: str, *, told: str = "", undo: Call | None = None) -> str:
    agent, now = current_agent.get(), clock.now()
    tenant_ids = agent.tenants_seen()
    before, length = paging.cursor(), paging.length(PAGE)
    found = missed.waiting(tenant_ids, now=now, before=before, limit=length + 1)
    callers, more = paging.cut(found, length, url_for("missed.index"))
    if undo is not None:
        told = _("%(who)s is taken care of.", who=who(undo, agent))
    return render_template(
        template,
        lines=[MissedLine(caller, agent, now=now) for caller in callers],
        several_tenants=len(tenant_ids) > 1,
        more=more,
        told=told,
        undo_id=undo.id if undo else None,
    )
