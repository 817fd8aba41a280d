"""What one line of the background work shows: the row of `Work` in words of people.

A kind that has no words here is shown by its own name, so new work is never hidden.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_timedelta
from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _

from crm import worker
from crm.models import Work
from crm.pages.settings import work_subjects
from crm.pages.settings.work_subjects import About
from crm.web.current_agent import CurrentAgent

WORDS = {
    worker.COMPLETE_CALL: lazy_gettext("Fetch the record of a call"),
    worker.IMPORT_CDRS: lazy_gettext("Import records"),
    worker.RECONCILE_CDRS: lazy_gettext("Read records again"),
    worker.VACUUM: lazy_gettext("Remove erased people from the database's files"),
    worker.schedule.RECONCILE: lazy_gettext("Begin to read the last hours again"),
    worker.schedule.RECONCILE_NIGHTLY: lazy_gettext("Begin to read the last two days again"),
    worker.schedule.AT_NIGHT: lazy_gettext("Every night"),
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


def of_work(found: list[Work], agent: CurrentAgent, *, now: datetime) -> list[WorkLine]:
    """The lines of these rows; what they are about is read with one query a kind."""
    about = work_subjects.read(found, agent, now=now)
    return [_line(work, about.get((work.kind, work.subject)), now) for work in found]


def _line(work: Work, about: About | None, now: datetime) -> WorkLine:
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
