"""`/settings/work`: what waits, runs and failed in the background, and trying it again.

For admins. The list asks for itself again while anything waits or runs.
"""

import json
from urllib.parse import urlencode

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm.extensions import db
from crm.models import Work, utc_now
from crm.pages.settings import work_lines
from crm.pages.settings.blueprint import PlainForm, blueprint, saved
from crm.web import current_agent
from crm.web.incoming import moment_and_id
from crm.web.layout import wants_fragment
from crm.web.security import admin_only
from crm.worker import status
from crm.worker.status import Place, Standing, WorkList

ADDRESS = "/work"  # below /settings
PAGE = 50
LONGEST_REFRESH = 300


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
    page = min(max(PAGE, request.values.get("shown", 0, type=int)), LONGEST_REFRESH)
    found = status.listed(show, now=now, after=_place(), limit=page + 1)
    return render_template(
        template,
        lines=work_lines.of_work(found[:page], current_agent.get(), now=now),
        more=_more(show, found[page - 1]) if len(found) > page else None,
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


def _place() -> Place | None:
    try:
        return Place(*moment_and_id(request.args.get("after", "")))
    except ValueError:
        return None


def _more(show: WorkList, last: Work) -> str:
    after = f"{last.next_try_at.isoformat()},{last.id}"
    return f"{url_for('settings.work')}?{urlencode({'show': show.value, 'after': after})}"
