"""The contents of a report: four figures, each with its change in words, and four tables.

The tables have one description for the page and for the files. The page's charts are drawn from its
tables (static/js/report-charts.js), so no number is sent twice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from babel import Locale
from babel.dates import format_date
from flask_babel import (
    LazyString,
    format_decimal,
    format_percent,
    get_locale,
    lazy_gettext,
    lazy_pgettext,
    pgettext,
)
from flask_babel import gettext as _

from crm.calls.reports import Counts, Named, Report
from crm.pages.exports.files import Cell
from crm.web.template_filters import duration

Value = int | float | None
TABLES = ("days", "hours", "agents", "queues")
MOST_BARS = 92  # a quarter; thinner bars show neither colour nor pattern
WEEK = 7


@dataclass(frozen=True)
class Column:
    """A column of figures."""

    title: LazyString
    kind: str  # count, share (0 to 1) or seconds
    value: Callable[[Counts], Value]
    series: str = ""  # drawn in the chart as this
    file_title: LazyString | None = None  # the heading in a file, if it must name the unit


@dataclass(frozen=True)
class Line:
    """A row of a table."""

    name: str
    mark: str  # its name under the bar of the chart
    first: Cell  # its first cell in a file
    counts: Counts


@dataclass(frozen=True)
class Table:
    """A table and its chart."""

    name: str  # as in the address
    title: str
    first_column: str
    lines: list[Line]
    lying: bool = False  # horizontal bars, for long names
    together: int = 1  # how many lines one bar adds up
    note: str = ""  # a sentence to be read with it


@dataclass(frozen=True)
class Figure:
    """A figure in words."""

    title: str
    text: str
    detail: str  # what it is made of
    change: str  # against the period before
    grew: bool | None


COLUMNS = (
    Column(lazy_pgettext("count", "Answered"), "count", lambda c: c.answered, "answered"),
    Column(lazy_gettext("Missed"), "count", lambda c: c.missed, "missed"),
    Column(lazy_gettext("Gave up waiting"), "count", lambda c: c.abandoned),
    Column(
        lazy_gettext("Answered share"),
        "share",
        lambda c: c.answered_share,
        file_title=lazy_gettext("Answered share (percent)"),
    ),
    Column(
        lazy_gettext("Service level"),
        "share",
        lambda c: c.service_level,
        file_title=lazy_gettext("Service level (percent)"),
    ),
    Column(lazy_gettext("Outbound"), "count", lambda c: c.outbound, "outbound"),
    Column(lazy_gettext("Outbound reached"), "count", lambda c: c.reached),
    Column(
        lazy_gettext("Average wait"),
        "seconds",
        lambda c: c.average_wait,
        file_title=lazy_gettext("Average wait (s)"),
    ),
    Column(
        lazy_gettext("Talking time"),
        "seconds",
        lambda c: c.talk_seconds,
        file_title=lazy_gettext("Talking time (s)"),
    ),
)


def figures_of(report: Report) -> list[Figure]:
    """Calls, how many were answered, how long callers waited, how long people talked."""
    now, before = report.total, report.before
    ways = _(
        "%(inbound)s in, %(outbound)s out",
        inbound=number(now.inbound),
        outbound=number(now.outbound),
    )
    missed = _(
        "%(missed)s missed, of these %(gave_up)s gave up",
        missed=number(now.missed),
        gave_up=number(now.abandoned),
    )
    talk = _("%(average)s a call", average=seconds(now.average_talk))
    return [
        Figure(_("Calls"), number(now.calls), ways, *_change(now.calls, before.calls, "percent")),
        Figure(
            pgettext("count", "Answered"),
            share(now.answered_share),
            missed,
            *_change(now.answered_share, before.answered_share, "points"),
        ),
        Figure(
            _("Average wait"),
            seconds(now.average_wait),
            _("%(share)s of inbound callers answered in time", share=share(now.service_level)),
            *_change(now.average_wait, before.average_wait, "time"),
        ),
        Figure(
            _("Talking time"),
            seconds(now.talk_seconds),
            talk,
            *_change(now.talk_seconds, before.talk_seconds, "percent"),
        ),
    ]


def tables_of(report: Report, *, several_tenants: bool, agent_name: str | None) -> list[Table]:
    """The four tables. agent_name: the only agent whose figures are shown, if not all are."""
    locale = str(get_locale() or "en")
    days = [
        Line(day_name(day), format_date(day, "d MMM", locale=locale), day, counts)
        for day, counts in report.days
    ]
    hours = [
        Line(f"{hour:02}:00", f"{hour}", f"{hour:02}:00", counts) for hour, counts in report.hours
    ]
    agents = _named_lines(report.agents, _("No agent"), several_tenants)
    queues = _named_lines(report.queues, _("No queue"), several_tenants)
    together = WEEK if len(days) > MOST_BARS else 1
    title = _("Your calls") if agent_name else _("Agents")
    shared = _("A call that several agents had counts with each of them.") if report.shared else ""
    return [
        Table("days", _("Calls a day"), _("Day"), days, together=together),
        Table("hours", _("Hour of day"), _("Hour"), hours),
        Table("agents", title, _("Agent"), agents, lying=True, note=shared),
        Table("queues", _("Queues"), _("Queue"), queues, lying=True),
    ]


def number(value: int) -> str:
    """A count as people write it: 1,234."""
    return str(format_decimal(value))


def share(value: float | None) -> str:
    """A percentage: 83.4%, in Turkish %83,4; a dash without a whole."""
    if value is None:
        return duration(None)
    in_tenths = (get_locale() or Locale("en")).percent_formats[None].pattern.replace("0", "0.0")
    return str(format_percent(value, in_tenths))


def seconds(value: float | None) -> str:
    """A duration: 1:40, 12:02:05; a dash for an unknown one."""
    return duration(None if value is None else round(value))


def day_name(day: date) -> str:
    """A day in words: Sun 22 Nov 2026."""
    return format_date(day, "EEE d MMM y", locale=str(get_locale() or "en"))


def file_header(table: Table) -> list[str]:
    """The headings of a file."""
    return [table.first_column, *(str(column.file_title or column.title) for column in COLUMNS)]


def file_rows(table: Table) -> Iterable[list[Cell]]:
    """The rows of a file: plain numbers, whole seconds, percent."""
    for line in table.lines:
        row = [line.first]
        for column in COLUMNS:
            value = column.value(line.counts)
            if value is not None:
                value = round(value * 100, 1) if column.kind == "share" else round(value)
            row.append(value)
        yield row


def _named_lines(rows: list[Named], nobody: str, with_tenant: bool) -> list[Line]:
    lines = []
    for row in rows:
        text = row.name or nobody
        text = f"{text} · {row.tenant}" if with_tenant else text
        lines.append(Line(text, text, text, row.counts))
    return lines


def _change(now: float | None, before: float | None, kind: str) -> tuple[str, bool | None]:
    """In words, and whether it grew. kind: percent, points (of a share) or time."""
    if now is None or not before:
        return _("nothing to compare with"), None
    apart, grew = abs(now - before), now > before
    if kind == "percent" and round(apart / before, 2):
        part = format_percent(apart / before)
        words = _("%(part)s more", part=part) if grew else _("%(part)s less", part=part)
    elif kind == "points" and round(apart * 100, 1):
        points = format_decimal(round(apart * 100, 1))
        words = (
            _("%(points)s points higher", points=points)
            if grew
            else _("%(points)s points lower", points=points)
        )
    elif kind == "time" and (seconds_apart := abs(round(now) - round(before))):
        time = duration(seconds_apart)
        words = _("%(time)s longer", time=time) if grew else _("%(time)s shorter", time=time)
    else:
        return _("as before"), None
    return words, grew
