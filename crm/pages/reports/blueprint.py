"""The routes of `/reports`: the page, and each of its tables as a file.

Agents see their tenant's totals and queues, and of the agents' figures their own; admins see all.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm.calls.periods import Period
from crm.calls.reports import Report, report
from crm.extensions import db
from crm.models import Tenant, utc_now
from crm.pages.exports import csv_answer, excel_answer
from crm.pages.reports import asked as address
from crm.pages.reports import figures
from crm.pages.reports.asked import Asked
from crm.pages.reports.tables import (
    COLUMNS,
    TABLES,
    Table,
    day_name,
    file_header,
    file_rows,
    tables_of,
)
from crm.web import current_agent

blueprint = Blueprint("reports", __name__, url_prefix="/reports")

UNREADABLE = 422


@blueprint.context_processor
def words() -> dict[str, Any]:
    """How the templates write figures, and the columns of every table."""
    return {
        "number": figures.number,
        "share": figures.share,
        "seconds": figures.seconds,
        "columns": COLUMNS,
        "day_name": day_name,
    }


@blueprint.get("")
def show() -> tuple[str, int]:
    """The page; 422 with the form alone when a date cannot be read."""
    asked = _asked()
    if asked.period is None:
        return render_template("reports/report.html", asked=asked, choices=_choices()), UNREADABLE
    found = _report(asked, asked.period)
    return render_template(
        "reports/report.html",
        asked=asked,
        choices=_choices(),
        report=found,
        before=asked.period.before(),
        figures=figures.figures_of(found),
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


def _file(name: str, answer: Callable[..., Response]) -> Response:
    asked = _asked()
    if asked.period is None or name not in TABLES:
        raise NotFound
    found = _tables(asked, _report(asked, asked.period))
    table = next(table for table in found if table.name == name)
    filename = f"{table.title} {asked.period.first} {asked.period.last}"
    return answer(filename, file_header(table), file_rows(table))


def _asked() -> Asked:
    return address.read(request.args, current_agent.get(), now=utc_now())


def _report(asked: Asked, period: Period) -> Report:
    agent = current_agent.get()
    return report(asked.tenants, period, agent_id=None if agent.is_admin else agent.id)


def _tables(asked: Asked, found: Report) -> list[Table]:
    agent = current_agent.get()
    own = None if agent.is_admin else agent.name
    return tables_of(found, several_tenants=len(asked.tenants) > 1, agent_name=own)


def _choices() -> list[Tenant]:
    """The tenants that an admin may choose from."""
    if not current_agent.get().is_admin:
        return []
    return list(db.session.scalars(select(Tenant).order_by(Tenant.name)))
