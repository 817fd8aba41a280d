"""Lists of calls: `/calls`, the log, filtered by what its address says; `/contacts/<id>/calls`, a
contact's timeline; and one line of either, which reloads itself until its facts are there.

The log's form fetches the list alone (`/calls/list`); rows come alone for the next page and when
calls have changed.
"""

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import calls
from crm.pages.calls import filter_form
from crm.pages.calls.blueprint import blueprint, line_of, lines_of
from crm.pages.calls.filter_form import Asked
from crm.pages.calls.notes import changes_of
from crm.web import current_agent, paging, seen_calls
from crm.web.layout import wants_fragment
from crm.web.template_filters import figure

LOG_PAGE = 50


@blueprint.get("/calls")
def log() -> str:
    """The log; its rows alone for the next page (`before`) and for a refresh (`rows`, `shown`)."""
    agent = current_agent.get()
    asked = filter_form.read(request.args, agent)
    if wants_fragment() and ("before" in request.args or "rows" in request.args):
        return _draw("calls/_rows.html", asked)
    choices = filter_form.choices(asked.fields)
    return _draw_list("calls/log.html", asked, choices=choices, labels=filter_form.LABELS)


@blueprint.get("/calls/list")
def log_list() -> Response:
    """The list alone, for the form; the address becomes the one that shows the same as a page.

    again: an empty list checks for a first call; this must not enter the browser's history.
    """
    asked = filter_form.read(request.args, current_agent.get())
    answer = make_response(_draw_list("calls/_list.html", asked))
    if "again" not in request.args:
        answer.headers["HX-Push-Url"] = asked.address(url_for("calls.log"))
    return answer


@blueprint.get("/calls/<int:call_id>/row")
def row(call_id: int) -> str:
    """One row of the log."""
    return render_template("calls/_row.html", line=line_of(seen_calls.call(call_id)))


@blueprint.get("/calls/<int:call_id>/event")
def event(call_id: int) -> str:
    """One line of a timeline."""
    call = seen_calls.call(call_id)
    changes = changes_of([call]).get(call.id, [])
    return render_template("calls/_event.html", line=line_of(call), changes=changes)


def _draw_list(template: str, asked: Asked, **more_words: object) -> str:
    return _draw(template, asked, found=_how_many(calls.count_matching(asked.wanted)), **more_words)


def _how_many(found: int) -> str:
    if found >= calls.MOST_COUNTED:
        return str(_("%(count)s calls or more", count=figure(found)))
    return str(ngettext("One call", "%(count)s calls", found, count=figure(found)))


def _draw(template: str, asked: Asked, **more_words: object) -> str:
    length = paging.length(LOG_PAGE)
    found = calls.matching(asked.wanted, before=paging.cursor(), limit=length + 1)
    shown, more = paging.cut(found, length, url_for("calls.log"), fields=asked.fields)
    return render_template(template, asked=asked, lines=lines_of(shown), more=more, **more_words)
