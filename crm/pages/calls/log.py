"""`/calls`, the log of all calls, filtered by what its address says.

The page's form fetches the list alone (`/calls/list`); rows come alone for the next page and when
calls have changed. Lists go by key.
"""

from flask import Response, make_response, render_template, request

from crm import calls
from crm.pages.calls import filter_form
from crm.pages.calls.blueprint import (
    allowed,
    blueprint,
    line_of,
    lines_of,
    more,
    page_length,
    place,
)
from crm.pages.calls.choices import choices
from crm.pages.calls.filter_form import Asked
from crm.web import current_agent
from crm.web.layout import wants_fragment

LOG_PAGE = 50


@blueprint.get("/calls")
def log() -> str:
    """The log; its rows alone for the next page (`before`) and for a refresh (`rows`, `shown`)."""
    agent = current_agent.get()
    asked = filter_form.read(request.args, agent)
    if wants_fragment() and ("before" in request.args or "rows" in request.args):
        return _draw("calls/_rows.html", asked)
    offered = choices(agent, asked.fields)
    return _draw("calls/log.html", asked, choices=offered, labels=filter_form.LABELS)


@blueprint.get("/calls/list")
def log_list() -> Response:
    """The list alone, for the form; the address becomes the one that shows the same as a page.

    again: an empty list asks whether there is a call by now, which is no step of the reader's.
    """
    asked = filter_form.read(request.args, current_agent.get())
    answer = make_response(_draw("calls/_list.html", asked))
    if "again" not in request.args:
        answer.headers["HX-Push-Url"] = asked.address("/calls")
    return answer


@blueprint.get("/calls/<int:call_id>/row")
def row(call_id: int) -> str:
    """One row of the log."""
    return render_template("calls/_row.html", line=line_of(allowed(call_id)))


def _draw(template: str, asked: Asked, **more_words: object) -> str:
    length = page_length(LOG_PAGE)
    found = calls.matching(asked.wanted, before=place(), limit=length + 1)
    return render_template(
        template,
        asked=asked,
        lines=lines_of(found[:length]),
        more=more("/calls", found, length, asked.fields),
        **more_words,
    )
