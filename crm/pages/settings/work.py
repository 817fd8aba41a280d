"""`/settings/work`: what waits, runs and failed in the background, and trying it again.

For admins. The list asks for itself again while anything waits or runs.
"""

import json

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm.extensions import db
from crm.models import Work, utc_now
from crm.pages.settings import work_lines
from crm.pages.settings.blueprint import PlainForm, blueprint, saved
from crm.web import current_agent, paging
from crm.web.layout import wants_fragment
from crm.web.security import admin_only
from crm.worker import status
from crm.worker.status import Standing, WorkList

ADDRESS = "/work"  # below /settings
PAGE = 50


@blueprint.get(ADDRESS)
@admin_only
def work() -> str:
    """One of the three lists (`show`); its rows alone for the next page (`after`), and the list
    without the page around it for a refresh (`part`, with as many rows as it has: `shown`).
    """
    if wants_fragment() and "after" in request.args:
        return _render("settings/_work_rows.html")
    if wants_fragment() and "part" in request.args:
        return _render("settings/_work.html")
    return _render("settings/work.html")


@blueprint.post(f"{ADDRESS}/<int:work_id>/retry")
@admin_only
def retry_work(work_id: int) -> Response:
    """Have one piece of work tried at once."""
    if db.session.get(Work, work_id) is None:
        raise NotFound
    if status.retry(work_id, now=utc_now()):
        return _told(_("It is tried again at once."))
    return _told(_("There is nothing to try again: it is done, or a worker is at it."))


@blueprint.post(f"{ADDRESS}/retry")
@admin_only
def retry_all_work() -> Response:
    """Have everything that was given up tried at once."""
    count = status.retry_all(now=utc_now())
    sentence = ngettext(
        "%(num)s piece of work is tried again.", "%(num)s pieces of work are tried again.", count
    )
    return _told(sentence)


def _told(sentence: str) -> Response:
    """The list as it stands now, and a word about what was done."""
    if not wants_fragment():
        return saved(sentence, url_for("settings.work", show=_wanted()), lambda: "")
    answer = make_response(_render("settings/_work.html"))
    answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": sentence}})
    return answer


def _render(template: str) -> str:
    now = utc_now()
    picture = status.standing(now=now)
    show = _show(picture)
    length, after = paging.length(PAGE), paging.cursor("after")
    found = status.listed(show, now=now, after=after, limit=length + 1)
    url, fields = url_for("settings.work"), {"show": show.value}
    rows, more = paging.cut(found, length, url, fields=fields, name="after")
    return render_template(
        template,
        lines=work_lines.of_work(rows, current_agent.get(), now=now),
        more=more,
        show=show.value,
        standing=picture,
        plain_form=PlainForm(),
    )


def _wanted() -> WorkList | None:
    given = request.values.get("show", "")
    return WorkList(given) if given in list(WorkList) else None


def _show(picture: Standing) -> WorkList:
    """The list that is asked for, else the one that most needs a look."""
    if wanted := _wanted():
        return wanted
    if picture.failed:
        return WorkList.FAILED
    return WorkList.RUNNING if picture.running else WorkList.WAITING
