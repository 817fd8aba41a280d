"""What the page shows of an import, in words and figures; templates/settings draws it."""

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from crm.models import CdrImport
from crm.telephony import cdr_import
from crm.telephony.cdr_import import ImportReport
from crm.web.template_filters import figure


@dataclass(frozen=True, kw_only=True)
class ImportLine:
    """One import for people.

    days: "1 - 31 Oct". percent: how much of its time is covered. reached: "12,300 records, 2 Oct
    of 1 - 31 Oct". trouble: why it failed, or why it waits while it runs. later: what came, or may
    come, while it was read.
    """

    id: int
    tenant: str
    zone: str
    days: str
    state: str
    percent: float
    reached: str
    trouble: str
    later: str
    report: ImportReport
    asked_by: str
    started_at: datetime
    finished_at: datetime | None


def of_import(run: CdrImport, *, now: datetime) -> ImportLine:
    """The line of an import."""
    days = days_of(run, now=now)
    return ImportLine(
        id=run.id,
        tenant=run.tenant.name,
        zone=run.tenant.timezone,
        days=days,
        state=run.state.value,
        percent=round(100 * cdr_import.progress(run), 1),
        reached=_reached(run, days, now.year),
        trouble=run.last_error,
        later=later_of(run),
        report=cdr_import.report(run),
        asked_by=run.asked_by.name if run.asked_by else _("the command line"),
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


def later_of(run: CdrImport) -> str:
    """What was added to the range while it was read, and who finds what comes after."""
    found = cdr_import.report(run)
    told = []
    if found.late:
        text = ngettext(
            "One of the new records came while this was read, so it was read again.",
            "%(num)s of the new records came while this was read, so it was read again.",
            found.late,
        )
        told.append(text)
    if found.may_miss and run.tenant.reconcile:
        told.append(_("Calls that end from now on are found by the next reconciliation."))
    elif found.may_miss:
        told.append(_("Calls that end from now on are missing: import these days again tomorrow."))
    return " ".join(told)


def days_of(run: CdrImport, *, now: datetime) -> str:
    """The days that an import reads, "1 - 31 Oct"."""
    return _days(run.start_local.date(), run.finish_local.date(), now.year)


def _reached(run: CdrImport, days: str, this_year: int) -> str:
    records = figure(run.records_read)
    day = max(run.reached_local or run.slice_start, run.slice_start).date()
    if run.start_local.date() == run.finish_local.date():
        return str(_("%(records)s records · %(days)s", records=records, days=days))
    return str(
        _(
            "%(records)s records · %(day)s of %(days)s",
            records=records,
            day=_days(day, day, this_year),
            days=days,
        )
    )


def _days(first: date, last: date, this_year: int) -> str:
    locale = str(get_locale() or "en")
    end = "d MMM" if first.year == last.year == this_year else "d MMM y"
    if first == last:
        return format_date(last, end, locale=locale)
    start = "d" if (first.year, first.month) == (last.year, last.month) else end
    return f"{format_date(first, start, locale=locale)} – {format_date(last, end, locale=locale)}"  # noqa: RUF001
