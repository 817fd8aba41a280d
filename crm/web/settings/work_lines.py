"""What one line of the background work shows: the row of `Work` in words of people.

A kind that has no words here is shown by its own name, so new work is never hidden.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_timedelta
from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm import calls, jobs
from crm.extensions import db
from crm.models import Call, Work
from crm.web import call_lines
from crm.web.current_agent import CurrentAgent
from crm.web.template_filters import local_time

WORDS = {
    jobs.COMPLETE_CALL: lazy_gettext("Fetch the record of a call"),
    jobs.IMPORT_CDRS: lazy_gettext("Import records"),
}


@dataclass(frozen=True, kw_only=True)
class WorkLine:
    """One piece of work for people. about: whom or what it is about, at `url` if it has a page.

    next_try: in words, when it is due; taken_at: since when a worker is at it; changed_at: when it
    was tried last, or given up.
    kind, subject: as they stand in the database, for those who read logs.
    """

    id: int
    what: str
    about: str
    url: str | None
    reason: str
    attempts: int
    next_try: str
    taken_at: datetime | None
    asked_at: datetime
    changed_at: datetime
    kind: str
    subject: str


@dataclass(frozen=True)
class _About:
    text: str
    url: str | None = None


_Subjects = dict[str, _About]


def of_work(found: list[Work], agent: CurrentAgent, *, now: datetime) -> list[WorkLine]:
    """The lines of these rows; what they are about is read with one query a kind."""
    about = {
        kind: read([work.subject for work in found if work.kind == kind], agent, now)
        for kind, read in _READ.items()
    }
    return [_line(work, about.get(work.kind, {}).get(work.subject), now) for work in found]


def _line(work: Work, about: _About | None, now: datetime) -> WorkLine:
    known = work.kind in WORDS
    return WorkLine(
        id=work.id,
        what=str(WORDS[work.kind]) if known else work.kind,
        about=about.text if about else "" if known else work.subject,
        url=about.url if about else None,
        reason=work.last_error,
        attempts=work.attempts,
        next_try=_in(work.next_try_at - now),
        taken_at=work.taken_at,
        asked_at=work.created_at,
        changed_at=work.updated_at,
        kind=work.kind,
        subject=work.subject,
    )


def _in(span: timedelta) -> str:
    if span < timedelta(seconds=1):
        return str(_("due now"))
    locale = str(get_locale() or "en")
    return format_timedelta(span, add_direction=True, format="short", locale=locale)


def _calls(subjects: Iterable[str], agent: CurrentAgent, now: datetime) -> _Subjects:
    ids = {int(subject) for subject in subjects if subject.isdecimal()}
    if not ids:
        return {}
    statement = select(Call).where(Call.id.in_(ids))
    rows = db.session.scalars(statement.options(joinedload(Call.agent), joinedload(Call.contact)))
    by_id = {call.id: call for call in rows}
    for gone in ids - by_id.keys():  # joined into another row meanwhile
        if (call := calls.find(gone)) is not None:
            by_id[gone] = call
    return {str(one): _call(call, agent, now) for one, call in by_id.items()}


def _call(call: Call, agent: CurrentAgent, now: datetime) -> _About:
    line = call_lines.of_call(call, agent, now=now)
    who = line.who or line.number_display
    text = _(
        "%(who)s, %(time)s", who=who, time=local_time(call.started_at, line.zone, line.time_form)
    )
    return _About(text, f"/contacts/{line.contact_id}" if line.contact_id else "/calls")


_READ: dict[str, Callable[[Iterable[str], CurrentAgent, datetime], _Subjects]] = {
    jobs.COMPLETE_CALL: _calls,
}
