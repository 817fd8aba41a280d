"""`/missed`: callers whom nobody has answered, to work off; and their number for the top bar.

A call back is a dial like every other (`crm.telephony.dial`), told which call it calls back.
"""

from json import dumps

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm import calls
from crm.calls import missed
from crm.calls.worked_off import WorkedOff, mark_done, put_back, worked_off
from crm.models import Call, utc_now
from crm.models.locking import in_one_transaction
from crm.pages.calls.blueprint import allowed, more, page_length, place
from crm.web import current_agent, missed_lines
from crm.web.incoming import row_id
from crm.web.layout import wants_fragment
from crm.web.template_filters import local_time

blueprint = Blueprint("missed", __name__, url_prefix="/missed")

PAGE = 50


@blueprint.get("")
def index() -> str:
    """The callers who wait; the lines of the next page alone with `before`.

    undo: a call that the agent has marked done, to be taken back.
    """
    only_rows = wants_fragment() and place() is not None
    if only_rows:
        return _draw("missed/_rows.html")
    return _draw("missed/index.html", undo=_undo())


@blueprint.get("/list")
def waiting() -> str:
    """The list alone, for itself when calls have changed; `shown`: how many lines it has."""
    return _draw("missed/_list.html", undo=_undo())


@blueprint.get("/badge")
def badge() -> str:
    """How many callers wait, for the top bar."""
    return render_template("missed/_badge.html")


@blueprint.post("/<int:call_id>/done")
def done(call_id: int) -> AnyResponse:
    """This caller is taken care of: all calls up to this one, the newest that the agent saw."""
    agent, now = current_agent.get(), utc_now()
    first = in_one_transaction(lambda: mark_done(allowed(call_id), agent.id, at=now))
    call, is_mine = allowed(call_id), first is not None and first.agent_id == agent.id
    if not wants_fragment():
        return redirect(url_for("missed.index", undo=call.id if is_mine else None), 303)
    if is_mine:
        return _changed("missed/_list.html", undo=call)
    return _changed("missed/_list.html", told=_too_late(first))


@blueprint.post("/<int:call_id>/undo")
def undo(call_id: int) -> AnyResponse:
    """Take a Done back: the calls that were marked done with it wait again."""
    agent, now = current_agent.get(), utc_now()
    count = in_one_transaction(lambda: put_back(allowed(call_id), agent.id, at=now))
    if not wants_fragment():
        return redirect(url_for("missed.index"), 303)
    who = missed_lines.who(allowed(call_id), agent)
    told = _("%(who)s waits to be called back again.", who=who) if count else ""
    answer = _changed("missed/index.html", told=told)
    answer.headers["HX-Push-Url"] = url_for("missed.index")
    return answer


@blueprint.app_template_global("missed_count")
def count() -> str:
    """How many callers wait, "99+" for more; "" for none. Asked by pages with a top bar alone."""
    number = missed.count_waiting(current_agent.get().tenants_seen(), now=utc_now())
    if number >= missed.MOST_COUNTED:
        return f"{missed.MOST_COUNTED - 1}+"
    return str(number) if number else ""


def _undo() -> Call | None:
    """The call whose Done can be taken back with a click: the agent's own, and not taken back."""
    call_id = request.args.get("undo", type=row_id)
    call = calls.find(call_id) if call_id is not None else None
    if call is None or call.tenant_id not in current_agent.get().tenants_seen():
        return None
    by = worked_off(call)
    return call if by is not None and by.agent_id == current_user.id else None


def _changed(template: str, *, told: str = "", undo: Call | None = None) -> Response:
    answer = make_response(_draw(template, told=told, undo=undo))
    answer.headers["HX-Trigger"] = dumps({"missed-changed": {}})
    return answer


def _too_late(first: WorkedOff | None) -> str:
    """What an agent is told whose Done came after something else."""
    if first is None:
        return str(_("Somebody has talked with this caller meanwhile."))
    time = local_time(first.at, current_user.timezone, "HH:mm")
    return str(_("%(name)s has done this already, at %(time)s.", name=first.agent_name, time=time))


def _draw(template: str, *, told: str = "", undo: Call | None = None) -> str:
    agent, now = current_agent.get(), utc_now()
    tenant_ids = agent.tenants_seen()
    length = page_length(PAGE)
    found = missed.waiting(tenant_ids, now=now, before=place(), limit=length + 1)
    several = len(tenant_ids) > 1
    lines = [
        missed_lines.of_caller(caller, agent, now=now, several_tenants=several)
        for caller in found[:length]
    ]
    next_page = more("/missed", [caller.newest for caller in found], length)
    if undo is not None:
        told = _("%(who)s is taken care of.", who=missed_lines.who(undo, agent))
    undo_id = undo.id if undo else None
    return render_template(template, lines=lines, more=next_page, told=told, undo_id=undo_id)
