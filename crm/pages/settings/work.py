"""`/settings/work`: what waits, runs and failed in the background, and trying it again.

For admins. The list asks for itself again while anything waits or runs.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_timedelta
from flask import make_response, render_template, request, url_for
from flask_babel import get_locale, lazy_gettext, ngettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm import calls
from crm.contact_files.runs import IMPORT_CONTACTS
from crm.extensions import db
from crm.models import Call, CdrImport, ImportKind, Tenant, Work, utc_now
from crm.pages.settings.blueprint import PlainForm, blueprint, saved
from crm.pages.settings.imports import import_days
from crm.telephony import import_runs
from crm.telephony.import_runs import IMPORT_CDRS, RECONCILE_CDRS
from crm.telephony.records import COMPLETE_CALL
from crm.web import current_agent, paging
from crm.web.call_lines import CallLine
from crm.web.current_agent import CurrentAgent
from crm.web.layout import wants_fragment
from crm.web.security import admin_only
from crm.web.template_filters import local_time
from crm.worker import schedule, status
from crm.worker.status import WorkList
from crm.worker.vacuum import VACUUM

ADDRESS = "/work"  # below /settings
PAGE = 50

# A kind that has no words here is shown by its own name, so new work is never hidden.
KINDS = {
    COMPLETE_CALL: lazy_gettext("Fetch the record of a call"),
    IMPORT_CDRS: lazy_gettext("Import records"),
    RECONCILE_CDRS: lazy_gettext("Read records again"),
    IMPORT_CONTACTS: lazy_gettext("Import contacts"),
    VACUUM: lazy_gettext("Remove erased people from the database's files"),
    schedule.RECONCILE: lazy_gettext("Begin to read the last hours again"),
    schedule.RECONCILE_NIGHTLY: lazy_gettext("Begin to read the last two days again"),
    schedule.SUMMARISE: lazy_gettext("Sum up the days whose calls have changed, for the reports"),
    schedule.AT_NIGHT: lazy_gettext("Every night"),
}
AT_NIGHT = {
    schedule.DELETE_DONE_WORK: lazy_gettext("Forget the work that was done a week ago"),
    schedule.DELETE_EXPIRED_SESSIONS: lazy_gettext(
        "Delete the telephony sessions that have expired"
    ),
    schedule.RETENTION: lazy_gettext("Delete what is past its retention time"),
    schedule.DELETE_LOGGED_REQUESTS: lazy_gettext("Delete the inspector's old requests"),
    schedule.DELETE_IMPORTED_FILES: lazy_gettext("Delete the files of unfinished imports"),
}


@blueprint.get(ADDRESS)
@admin_only
def work() -> str:
    """One of the three lists (`show`); its rows alone for the next page (`after`), and the list
    without the page around it for a refresh (`part`, with as many rows as it has: `shown`).
    """
    if wants_fragment() and "after" in request.args:
        return draw("settings/_work_rows.html")
    if wants_fragment() and "part" in request.args:
        return draw("settings/_work.html")
    return draw("settings/work.html")


@blueprint.post(f"{ADDRESS}/<int:work_id>/retry")
@admin_only
def retry_work(work_id: int) -> Response:
    """Have one piece of work tried at once."""
    if db.session.get(Work, work_id) is None:
        raise NotFound
    if status.retry(work_id, now=utc_now()):
        return answer(_("It is tried again at once."))
    return answer(_("There is nothing to try again: it is done, or a worker is at it."))


@blueprint.post(f"{ADDRESS}/retry")
@admin_only
def retry_all_work() -> Response:
    """Have everything that was given up tried at once."""
    count = status.retry_all(now=utc_now())
    sentence = ngettext(
        "%(num)s piece of work is tried again.", "%(num)s pieces of work are tried again.", count
    )
    return answer(sentence)


def answer(sentence: str) -> Response:
    """The list as it stands now, and a word about what was done."""
    if not wants_fragment():
        return saved(sentence, url_for("settings.work", show=wanted_list()), lambda: "")
    told = make_response(draw("settings/_work.html"))
    told.headers["HX-Trigger"] = json.dumps({"toast": {"text": sentence}})
    return told


def wanted_list() -> WorkList | None:
    """The list that is asked for."""
    given = request.values.get("show", "")
    return WorkList(given) if given in list(WorkList) else None


def draw(template: str) -> str:
    """A template with the list that is asked for, else the one that most needs a look."""
    now = utc_now()
    standing = status.standing(now=now)
    urgent = WorkList.RUNNING if standing.running else WorkList.WAITING
    show = wanted_list() or (WorkList.FAILED if standing.failed else urgent)
    length, after = paging.length(PAGE), paging.cursor("after")
    found = status.listed(show, now=now, after=after, limit=length + 1)
    url, fields = url_for("settings.work"), {"show": show.value}
    rows, more = paging.cut(found, length, url, fields=fields, name="after")
    return render_template(
        template,
        rows=rows,
        kinds=KINDS,
        about=what_about(rows, current_agent.get(), now=now),
        more=more,
        show=show.value,
        standing=standing,
        plain_form=PlainForm(),
    )


@blueprint.app_template_filter()
def due_in(moment: datetime) -> str:
    """How long until a moment: "in 2 hr.", or "due now"."""
    span = moment - utc_now()
    if span < timedelta(seconds=1):
        return str(_("due now"))
    locale = str(get_locale() or "en")
    return format_timedelta(span, add_direction=True, format="short", locale=locale)


@dataclass(frozen=True)
class About:
    """What a piece of work is about, and the page where more of it stands."""

    text: str
    url: str | None = None


def what_about(rows: list[Work], agent: CurrentAgent, *, now: datetime) -> dict[int, About]:
    """For each row of work, by its id, what it is about. A subject that is gone has no words."""

    def ids(*kinds: str) -> set[int]:
        return {int(one.subject) for one in rows if one.kind in kinds and one.subject.isdecimal()}

    call_ids = ids(COMPLETE_CALL)
    loaded = select(Call).options(joinedload(Call.agent), joinedload(Call.contact))
    by_id = {call.id: call for call in db.session.scalars(loaded.where(Call.id.in_(call_ids)))}
    for gone in call_ids - by_id.keys():  # merged into another row meanwhile
        if (call := calls.find(gone)) is not None:
            by_id[gone] = call
    imports = ids(IMPORT_CDRS, RECONCILE_CDRS)
    runs = db.session.scalars(import_runs.newest_first().where(CdrImport.id.in_(imports)))
    reconciled = ids(schedule.RECONCILE, schedule.RECONCILE_NIGHTLY)
    tenants = db.session.scalars(select(Tenant).where(Tenant.id.in_(reconciled)))
    imports_page = url_for("settings.imports")

    of_calls, of_imports, of_tenants = {}, {}, {}
    for number, call in by_id.items():
        line = CallLine(call, agent, now=now)
        time = local_time(call.started_at, line.zone, line.time_form)
        text = _("%(who)s, %(time)s", who=line.who or line.number_display, time=time)
        of_calls[str(number)] = About(text, url_for("calls.show", call_id=call.id))
    for run in runs:
        own = url_for("settings.one_import", import_id=run.id)
        url = own if run.kind is ImportKind.ASKED_FOR else imports_page
        of_imports[str(run.id)] = About(f"{run.tenant.name}, {import_days(run)}", url)
    for tenant in tenants:
        of_tenants[str(tenant.id)] = About(tenant.name, imports_page)
    known = {
        COMPLETE_CALL: of_calls,
        IMPORT_CDRS: of_imports,
        RECONCILE_CDRS: of_imports,
        schedule.RECONCILE: of_tenants,
        schedule.RECONCILE_NIGHTLY: of_tenants,
        schedule.AT_NIGHT: {name: About(str(text)) for name, text in AT_NIGHT.items()},
    }
    about = {}
    for one in rows:
        unknown = About("" if one.kind in KINDS else one.subject)
        about[one.id] = known.get(one.kind, {}).get(one.subject, unknown)
    return about
