"""Whom or what background work is about: the subject of its row, looked up and put in words.

`crm.pages.settings.work_lines` calls `read`. What is not there any more has no words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm import calls, worker
from crm.extensions import db
from crm.models import Call, ImportKind, Tenant, Work
from crm.pages.settings import import_lines
from crm.telephony.cdr_import import queries
from crm.web.call_lines import CallLine
from crm.web.current_agent import CurrentAgent
from crm.web.template_filters import local_time

# What is done once a night (`crm.worker.schedule.NIGHTLY`), by its name there.
AT_NIGHT = {
    "delete_done_work": lazy_gettext("Forget the work that was done a week ago"),
    "retention": lazy_gettext("Delete what is past its retention time"),
}


@dataclass(frozen=True)
class About:
    """Words for a subject, and the page where more of it stands."""

    text: str
    url: str | None = None


_Reader = Callable[[set[str], CurrentAgent, datetime], Mapping[str, About]]


def read(found: list[Work], agent: CurrentAgent, *, now: datetime) -> dict[tuple[str, str], About]:
    """(kind, subject) -> what it is about, with one query a kind."""
    about = {}
    for kind, reader in _READERS.items():
        subjects = {work.subject for work in found if work.kind == kind}
        if subjects:
            about.update({(kind, one): told for one, told in reader(subjects, agent, now).items()})
    return about


def _calls(subjects: set[str], agent: CurrentAgent, now: datetime) -> dict[str, About]:
    ids = _ids(subjects)
    statement = select(Call).where(Call.id.in_(ids))
    rows = db.session.scalars(statement.options(joinedload(Call.agent), joinedload(Call.contact)))
    by_id = {call.id: call for call in rows}
    for gone in ids - by_id.keys():  # joined into another row meanwhile
        if (call := calls.find(gone)) is not None:
            by_id[gone] = call
    return {str(one): _call(call, agent, now) for one, call in by_id.items()}


def _call(call: Call, agent: CurrentAgent, now: datetime) -> About:
    line = CallLine(call, agent, now=now)
    who = line.who or line.number_display
    time = local_time(call.started_at, line.zone, line.time_form)
    return About(_("%(who)s, %(time)s", who=who, time=time), url_for("calls.show", call_id=call.id))


def _imports(subjects: set[str], _agent: CurrentAgent, now: datetime) -> dict[str, About]:
    about = {}
    for run in queries.found(_ids(subjects)):
        text = f"{run.tenant.name}, {import_lines.days_of(run, now=now)}"
        by_people = run.kind is ImportKind.ASKED_FOR
        url = url_for("settings.one_import", import_id=run.id) if by_people else _reconciliation()
        about[str(run.id)] = About(text, url)
    return about


def _tenants(subjects: set[str], _agent: CurrentAgent, _now: datetime) -> dict[str, About]:
    found = db.session.scalars(select(Tenant).where(Tenant.id.in_(_ids(subjects))))
    return {str(tenant.id): About(tenant.name, _reconciliation()) for tenant in found}


def _at_night(subjects: set[str], _agent: CurrentAgent, _now: datetime) -> dict[str, About]:
    return {one: About(str(AT_NIGHT.get(one, one))) for one in subjects}


def _reconciliation() -> str:
    return url_for("settings.imports")


def _ids(subjects: set[str]) -> set[int]:
    return {int(subject) for subject in subjects if subject.isdecimal()}


_READERS: dict[str, _Reader] = {
    worker.COMPLETE_CALL: _calls,
    worker.IMPORT_CDRS: _imports,
    worker.RECONCILE_CDRS: _imports,
    worker.schedule.RECONCILE: _tenants,
    worker.schedule.RECONCILE_NIGHTLY: _tenants,
    worker.schedule.AT_NIGHT: _at_night,
}
