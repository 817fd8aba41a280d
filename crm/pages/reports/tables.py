"""The tables of a report, one description for the page and for the files.

The pictures are drawn from the page's tables (static/js/report-charts.js): no number stands twice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from flask_babel import LazyString, get_locale, lazy_gettext
from flask_babel import gettext as _

from crm.calls.reports import Counts, Named, Report
from crm.pages.exports import Cell

Value = int | float | None
TABLES = ("days", "hours", "agents", "queues")
MOST_BARS = 92  # a quarter; thinner bars show neither colour nor pattern
WEEK = 7


@dataclass(frozen=True)
class Column:
    """A figure. kind: count, share (0 to 1) or seconds. series: drawn in the picture as this.

    file_title: the heading in a file, where the unit must be told.
    """

    title: LazyString
    file_title: LazyString
    kind: str
    value: Callable[[Counts], Value]
    series: str = ""


@dataclass(frozen=True)
class Line:
    """A row. mark: its name under the bar, when shorter. first: its first cell in a file."""

    name: str
    mark: str
    first: Cell
    counts: Counts


@dataclass(frozen=True)
class Table:
    """A table and its picture. name: as in the address. lying: the bars lie, for long names.

    together: how many lines one bar adds up. note: a sentence to be read with it.
    """

    name: str
    title: str
    first_column: str
    lines: list[Line]
    lying: bool = False
    together: int = 1
    note: str = ""


def _column(
    title: LazyString,
    kind: str,
    value: Callable[[Counts], Value],
    series: str = "",
    file_title: LazyString | None = None,
) -> Column:
    return Column(title, file_title or title, kind, value, series)


COLUMNS = (
    _column(lazy_gettext("Answered"), "count", lambda c: c.answered, "answered"),
    _column(lazy_gettext("Missed"), "count", lambda c: c.missed, "missed"),
    _column(lazy_gettext("of these gave up"), "count", lambda c: c.abandoned),
    _column(
        lazy_gettext("Answered share"),
        "share",
        lambda c: c.answered_share,
        file_title=lazy_gettext("Answered share (percent)"),
    ),
    _column(lazy_gettext("Outbound"), "count", lambda c: c.outbound, "outbound"),
    _column(lazy_gettext("of these reached"), "count", lambda c: c.reached),
    _column(
        lazy_gettext("Average wait"),
        "seconds",
        lambda c: c.average_wait,
        file_title=lazy_gettext("Average wait (s)"),
    ),
    _column(
        lazy_gettext("Talking time"),
        "seconds",
        lambda c: c.talk_seconds,
        file_title=lazy_gettext("Talking time (s)"),
    ),
)


def tables_of(report: Report, *, several_tenants: bool, agent_name: str | None) -> list[Table]:
    """The four tables. agent_name: whose own figures are the only ones of the agents'."""
    title = _("Your calls") if agent_name else _("Agents")
    agents = _named_lines(report.agents, _("No agent"), several_tenants)
    queues = _named_lines(report.queues, _("No queue"), several_tenants)
    shared = _("A call that several agents had counts with each of them.") if report.shared else ""
    days = [_day_line(*day) for day in report.days]
    together = WEEK if len(days) > MOST_BARS else 1
    return [
        Table("days", _("Calls a day"), _("Day"), days, together=together),
        Table("hours", _("Hour of day"), _("Hour"), [_hour_line(*hour) for hour in report.hours]),
        Table("agents", title, _("Agent"), agents, lying=True, note=shared),
        Table("queues", _("Queues"), _("Queue"), queues, lying=True),
    ]


def day_name(day: date) -> str:
    """A day in words: Sun 22 Nov 2026."""
    return format_date(day, "EEE d MMM y", locale=str(get_locale() or "en"))


def file_header(table: Table) -> list[str]:
    """The headings of a file."""
    return [table.first_column, *(str(column.file_title) for column in COLUMNS)]


def file_rows(table: Table) -> Iterable[list[Cell]]:
    """The rows of a file: plain numbers, whole seconds, percent."""
    for line in table.lines:
        yield [line.first, *(_plain(column, line.counts) for column in COLUMNS)]


def _plain(column: Column, counts: Counts) -> Cell:
    value = column.value(counts)
    if value is None:
        return None
    return round(value * 100, 1) if column.kind == "share" else round(value)


def _day_line(day: date, counts: Counts) -> Line:
    locale = str(get_locale() or "en")
    return Line(day_name(day), format_date(day, "d MMM", locale=locale), day, counts)


def _hour_line(hour: int, counts: Counts) -> Line:
    return Line(f"{hour:02}:00", f"{hour}", f"{hour:02}:00", counts)


def _named_lines(rows: list[Named], nobody: str, with_tenant: bool) -> list[Line]:
    lines = []
    for row in rows:
        text = row.name or nobody
        text = f"{text} · {row.tenant}" if with_tenant else text
        lines.append(Line(text, text, text, row.counts))
    return lines
