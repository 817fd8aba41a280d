"""`/missed`: callers whom nobody has answered, to work off; and their number for the top bar.

A call back is a dial like every other (`crm.web.dial`), told which call it calls back.
"""

from json import dumps

from flask import Blueprint, Response, make_response, redirect, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.calls import missed
from crm.calls.missed import WorkedOff
from crm.models import utc_now
from crm.models.locking import in_one_transaction
from crm.web import current_agent, missed_lines
from crm.web.calls.blueprint import allowed, more, page_length, place
from crm.web.layout import wants_fragment
from crm.web.template_filters import local_time

blueprint = Blueprint("missed", __name__, url_prefix="/missed")

PAGE = 50


@blueprint.get("")
def index() -> str:
    """The callers who wait; the lines of the next page alone with `before`."""
    only_rows = wants_fragment() and place() is not None
    return _draw("missed/_rows.html" if only_rows else "missed/index.html")


@blueprint.get("/list")
def waiting() -> str:
    """The list alone, for itself when calls have changed; `shown`: how many lines it has."""
    return _draw("missed/_list.html")


@blueprint.get("/badge")
def badge() -> str:
    """How many callers wait, for the top bar."""
    return render_template("missed/_badge.html")


@blueprint.post("/<int:call_id>/done")
def done(call_id: int) -> AnyResponse:
    """This caller is taken care of: all calls up to this one, the newest that the agent saw."""
    agent, now = current_agent.get(), utc_now()
    first = in_one_transaction(lambda: missed.mark_done(allowed(call_id), agent.id, at=now))
    if not wants_fragment():
        return redirect("/missed", 303)
    return _answer(_words(first))


@blueprint.app_template_global("missed_count")
def count() -> str:
    """How many callers wait, "99+" for more; "" for none. Asked by pages with a top bar alone."""
    number = missed.count_waiting(current_agent.get().tenants_seen(), now=utc_now())
    if number >= missed.MOST_COUNTED:
        return f"{missed.MOST_COUNTED - 1}+"
    return str(number) if number else ""


def _answer(words: str) -> Response:
    answer = make_response(_draw("missed/_list.html", told=words))
    answer.headers["HX-Trigger"] = dumps({"missed-changed": {}})
    return answer


def _words(first: WorkedOff | None) -> str:
    """What an agent is told who pressed Done."""
    if first is None:
        return str(_("Somebody has talked with this caller meanwhile."))
    if first.agent_id == current_user.id:
        return str(_("Done."))
    time = local_time(first.at, current_user.timezone, "HH:mm")
    return str(_("%(name)s has done this already, at %(time)s.", name=first.agent_name, time=time))


def _draw(template: str, told: str = "") -> str:
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
    return render_template(template, lines=lines, more=next_page, told=told)
