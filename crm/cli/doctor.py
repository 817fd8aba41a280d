"""`flask doctor`: what is wrong with this installation and its tenants, and where it is mended.

The rows are those of the page "Ready for calls?" that need no browser.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from crm import agents, tenants
from crm.callcenterstudio import origin_of
from crm.pages.settings.checks.asked import about_tenant
from crm.pages.settings.checks.at_installation import AT_INSTALLATION
from crm.pages.settings.checks.at_server import AT_SERVER
from crm.pages.settings.checks.installation import about_installation, database
from crm.pages.settings.checks.table import Check, Finding, State
from crm.settings import Settings

INSTALLATION = "This installation"
WORDS = {
    State.FINE: "fine",
    State.MEND: "to mend",
    State.BROKEN: "BROKEN",
    State.UNKNOWN: "unknown",
}
Row = dict[str, str]


@click.command("doctor")
@click.option("--tenant", "name", help="Only this tenant. Default: all of them.")
@click.option("--agent", "email", help="Log in this agent at Call Center Studio as well.")
@click.option("--json", "as_json", is_flag=True, help="For programs: all rows as JSON.")
@with_appcontext
def command(name: str | None, email: str | None, as_json: bool) -> None:
    """Check everything between the CRM and Call Center Studio, and say what is to be mended.

    Ends with 1 if something is broken, else with 0. No secret is printed.
    """
    report = _report(name, email)
    rows = [row for section in report.values() for row in section]
    if as_json:
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        _print(report)
    if any(row["state"] == State.BROKEN for row in rows):
        raise SystemExit(1)


def _report(name: str | None, email: str | None) -> dict[str, list[Row]]:
    """The rows of the installation and of each tenant."""
    state_of_database = database()
    if state_of_database.found != "current":  # no other question can be answered
        return {INSTALLATION: _rows(AT_INSTALLATION, {"database": state_of_database})}
    agent = agents.by_email(email) if email else None
    if email and agent is None:
        raise click.ClickException(f"There is no agent {email}. flask agent list shows all.")
    asked = [one for one in tenants.all_tenants() if name in (None, one.name)]
    if name and not asked:
        raise click.ClickException(f"There is no tenant {name}. flask tenant list shows all.")
    settings: Settings = current_app.extensions["settings"]
    desk = origin_of(settings.public_url or f"http://localhost:{settings.port}")
    of_tenants, arrival = {}, None
    for tenant_id, tenant_name, zone in [(one.id, one.name, one.timezone) for one in asked]:
        log_in = agent if agent and agent.tenant_id == tenant_id else None
        about = about_tenant(tenant_id, desk, for_admins=True, zone=zone, log_in=log_in)
        arrival = arrival or about.arrival
        of_tenants[f"Tenant {tenant_name}"] = _rows(AT_SERVER, about.findings)
    found = {"database": state_of_database, **about_installation(arrival)}
    return {INSTALLATION: _rows(AT_INSTALLATION, found), **of_tenants}


def _rows(checks: Iterable[Check], findings: Mapping[str, Finding]) -> list[Row]:
    rows = []
    for check in checks:
        if finding := findings.get(check.id):
            answer = check.answers[finding.found]
            said = f"{answer.said} {finding.detail}".rstrip()
            row: dict[str, Any] = {"check": check.id, "state": str(answer.state)}
            row |= {"found": finding.found, "name": str(check.name), "said": said}
            rows.append({**row, "mend": str(answer.mend)})
    return rows


def _print(report: Mapping[str, list[Row]]) -> None:
    for title, rows in report.items():
        click.secho(title, bold=True)
        for row in rows:
            click.echo(f"  {WORDS[State(row['state'])]:<8}  {row['name']}: {row['said']}")
            if row["mend"] and row["state"] != State.FINE:
                click.echo(f"{'':12}{row['mend']}")
    if len(report) == 1 and len(report[INSTALLATION]) > 1:
        click.echo("There is no tenant yet. Make one: flask tenant set NAME")
    states = [row["state"] for rows in report.values() for row in rows]
    counts = [f"{states.count(state)} {WORDS[state].lower()}" for state in State]
    click.echo(f"{', '.join(counts)}.")
