"""The routes of `/reports`: the page, and each of its tables as a file.

Agents see their tenant's totals and queues, and only their own among the agents'; admins see all.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm.calls import reports
from crm.calls.reports import Period, Report
from crm.models import Tenant
from crm.pages.exports.files import csv_answer, excel_answer
from crm.pages.reports import tables
from crm.pages.reports.tables import TABLES, Table
from crm.web import clock, current_agent, seen_calls
from crm.web.incoming import day_of

blueprint = Blueprint("reports", __name__, url_prefix="/reports")

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
UNREADABLE = 422


@dataclass
class Asked:
    """The tenants and days that the address asks for."""

    tenants: list[Tenant]
    tenant: Tenant | None  # the only one, None when there are several
    choices: list[Tenant]  # what an admin may choose from
    today: date
    first: str  # as typed
    last: str
    period: Period | None = None  # None when `problems` say why it cannot be read
    problems: dict[str, str] = field(default_factory=dict)  # by field

    def address_of(self, period: Period) -> dict[str, str]:
        """The parameters that ask for these tenants and another period."""
        whose = {"tenant": str(self.tenant.id)} if self.tenant else {}
        return {"from": period.first.isoformat(), "to": period.last.isoformat(), **whose}

    def quick_choices(self) -> list[tuple[LazyString, Period]]:
        """The most common periods, each one click."""
        return [
            (lazy_gettext("This week"), reports.this_week(self.today)),
            (lazy_gettext("Last week"), reports.last_week(self.today)),
            (lazy_gettext("This month"), reports.this_month(self.today)),
            (lazy_gettext("Last 30 days"), reports.last_30_days(self.today)),
        ]


@blueprint.context_processor
def words() -> dict[str, Any]:
    """Functions for templates: figures, and the columns of every table."""
    return {
        "number": tables.number,
        "share": tables.share,
        "seconds": tables.seconds,
        "columns": tables.COLUMNS,
        "day_name": tables.day_name,
    }


@blueprint.get("")
def show() -> tuple[str, int]:
    """The page; 422 with the form alone when a date cannot be read."""
    asked = read()
    if asked.period is None:
        return render_template("reports/report.html", asked=asked), UNREADABLE
    found = _report(asked, asked.period)
    return render_template(
        "reports/report.html",
        asked=asked,
        report=found,
        before=asked.period.before(),
        figures=tables.figures_of(found),
        tables=_tables(asked, found),
    ), 200


@blueprint.get("/<table>.csv")
def as_csv(table: str) -> Response:
    """One table (days, hours, agents, queues) as CSV."""
    return _file(table, csv_answer)


@blueprint.get("/<table>.xlsx")
def as_excel(table: str) -> Response:
    """One table (days, hours, agents, queues) for Excel."""
    return _file(table, excel_answer)


def read() -> Asked:
    """Read `from`, `to` and `tenant`; without dates the last 30 days. 404 for an unknown tenant.

    Agents get their own tenant whatever they ask for, admins one or all. Today is in the tenant's
    zone, or with several tenants in the reader's.
    """
    agent = current_agent.get()
    seen = seen_calls.tenants()
    wish = request.args.get("tenant", "") if agent.is_admin else ""
    chosen = [one for one in seen if str(one.id) == wish.strip()] if wish else seen
    if not chosen:
        raise NotFound
    tenant = chosen[0] if len(chosen) == 1 else None
    asked = Asked(
        tenants=chosen,
        tenant=tenant,
        choices=seen if agent.is_admin else [],
        today=clock.now().astimezone(ZoneInfo((tenant or agent).timezone)).date(),
        first=request.args.get("from", "").strip(),
        last=request.args.get("to", "").strip(),
    )
    if not (asked.first or asked.last):
        asked.period = reports.last_30_days(asked.today)
        asked.first, asked.last = asked.period.first.isoformat(), asked.period.last.isoformat()
        return asked
    first, last = _day(asked, "from", asked.first), _day(asked, "to", asked.last)
    if first is None or last is None:
        return asked
    period = Period(first, last)
    if last < first:
        asked.problems["to"] = _("The last day lies before the first.")
    elif period.length > reports.MOST_DAYS:
        asked.problems["to"] = _("A report covers two years at most.")
    else:
        asked.period = period
    return asked


def _day(asked: Asked, name: str, text: str) -> date | None:
    try:
        return day_of(text, FIRST_DAY, LAST_DAY)
    except ValueError:
        asked.problems[name] = (
            _('"%(text)s" is not a day.', text=text) if text else _("Enter a day.")
        )
        return None


def _file(name: str, answer: Callable[..., Response]) -> Response:
    asked = read()
    if asked.period is None or name not in TABLES:
        raise NotFound
    found = _tables(asked, _report(asked, asked.period))
    table = next(table for table in found if table.name == name)
    filename = f"{table.title} {asked.period.first} {asked.period.last}"
    return answer(filename, tables.file_header(table), tables.file_rows(table))


def _report(asked: Asked, period: Period) -> Report:
    agent = current_agent.get()
    return reports.report(asked.tenants, period, agent_id=None if agent.is_admin else agent.id)


def _tables(asked: Asked, found: Report) -> list[Table]:
    agent = current_agent.get()
    own = None if agent.is_admin else agent.name
    return tables.tables_of(found, several_tenants=len(asked.tenants) > 1, agent_name=own)
