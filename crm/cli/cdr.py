"""`flask cdr import`: reads the vendor's call records between two dates, in the terminal.

The import page has the worker do the same; whoever begins, either can go on.
"""

import time
from datetime import datetime
from typing import Any

import click
from flask import current_app
from sqlalchemy import select

from crm import tenants
from crm.callcenterstudio import CallCenterStudioError, Client
from crm.cli.base import Group
from crm.extensions import db
from crm.models import CdrImport, ImportState, Tenant, Work, WorkState
from crm.telephony import account, import_runs
from crm.telephony.record_import import BusyError, read_page

STEPS = 1000
PAUSES = (2, 4, 8, 15, 30, 60)  # seconds; somebody is waiting
SECONDS_WHILE_BUSY = 1.0
HOW_TO_GO_ON = "What was read is on record. Run the same command again to go on from there."

group = Group("cdr", help="Call detail records of Call Center Studio.")


class LocalTime(click.ParamType[datetime]):
    """A date, or a date and time, of the tenant's clock. last: a date means its last second."""

    name = "date"

    def __init__(self, *, last: bool) -> None:
        self.last = last

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Read 2026-10-31 or "2026-10-31 17:30"."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f'{value!r} is no date. Write 2026-10-31 or "2026-10-31 17:30".', param, ctx)
        if moment.tzinfo is not None:
            self.fail("Leave the zone out: times are those of the tenant.", param, ctx)
        whole_day = len(value.strip()) <= len("2026-10-31")
        return moment.replace(hour=23, minute=59, second=59) if whole_day and self.last else moment


@group.command("import")
@click.option("--tenant", "name", required=True, help="Whose records: the tenant's name.")
@click.option(
    "--from",
    "start",
    required=True,
    type=LocalTime(last=False),
    help="First day, or date and time, as the tenant's clock shows it.",
)
@click.option(
    "--to",
    "finish",
    required=True,
    type=LocalTime(last=True),
    help="Last day, itself included, or date and time.",
)
def import_cdrs(name: str, start: datetime, finish: datetime) -> None:
    """Read the call detail records between two dates into the call log.

    It can be stopped and run again: it goes on where it was, and no call is on record twice.
    """
    tenant = tenants.by_name(name)
    if tenant is None:
        raise click.ClickException(f"There is no tenant {name}. See: flask tenant list")
    try:
        run = import_runs.start(tenant.id, start, finish)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    db.session.commit()
    if run.pages:
        click.echo(
            f"Going on with the import of {run.started_at:%Y-%m-%d %H:%M} UTC: "
            f"{run.records_read:,} records were read."
        )
    import_id = run.id
    try:
        read_all(import_id)
    except KeyboardInterrupt:
        raise click.ClickException(stop(import_id)) from None
    db.session.refresh(run)
    if run.state is ImportState.FAILED:
        raise click.ClickException(f"{run.last_error}\n{HOW_TO_GO_ON}")
    tell(run)


def read_all(import_id: int) -> None:
    """Read page after page under a progress bar, until the import is done or has failed."""
    secret_keys = current_app.extensions["settings"].secret_keys
    clients: dict[int, Client] = {}

    def client_for(tenant: Tenant) -> Client:
        """One client for all pages, so that they share a connection."""
        if tenant.id not in clients:
            clients[tenant.id] = account.client_for(tenant, secret_keys)
        return clients[tenant.id]

    def fresh() -> CdrImport:
        run = db.session.get_one(CdrImport, import_id, populate_existing=True)
        db.session.rollback()
        db.session.refresh(run)
        return run

    began, before, attempt = time.monotonic(), fresh().records_read, 0
    with click.progressbar(
        length=STEPS, label="Importing", item_show_func=lambda text: text or ""
    ) as bar:
        while True:
            try:
                goes_on = read_page(client_for, import_id)
            except BusyError:
                time.sleep(SECONDS_WHILE_BUSY)
                continue
            except CallCenterStudioError as error:
                if attempt == len(PAUSES):
                    import_runs.stop(import_id, error.happened)
                    db.session.commit()
                    return
                pause = max(PAUSES[attempt], getattr(error, "retry_after", None) or 0)
                click.echo(f"\n{error} Trying again in {pause:.0f} seconds.", err=True)
                time.sleep(pause)
                attempt += 1
                continue
            attempt = 0
            run = fresh()
            seconds = max(0.001, time.monotonic() - began)
            rate = (run.records_read - before) / seconds
            step = round(STEPS * run.progress) - bar.pos
            bar.update(step, f"{run.records_read:,} records, {rate:,.0f} a second")
            if not goes_on:
                return


def stop(import_id: int) -> str:
    """After Ctrl-C: the import waits to go on, unless a worker reads it as well."""
    db.session.rollback()
    reads = (
        Work.kind == import_runs.IMPORT_CDRS,
        Work.subject == str(import_id),
        Work.state == WorkState.WAITING,
    )
    if db.session.scalar(select(Work.id).where(*reads)) is not None:
        return "Stopped here; the worker goes on with it."
    import_runs.stop(import_id, "It was stopped in the terminal.")
    db.session.commit()
    return f"Stopped. {HOW_TO_GO_ON}"


def tell(run: CdrImport) -> None:
    """Print what the import found."""
    click.echo(f"{run.records_read:>9,} records read")
    click.echo(f"{run.records_new:>9,} new")
    click.echo(f"{run.records_changed:>9,} changed: told more of a call that was on record")
    click.echo(f"{run.records_known:>9,} already known")
    click.echo(f"{run.without_contact:>9,} of them without a contact")
    if run.records_late:
        late = f"{run.records_late:>9,}"
        click.echo(f"{late} of the new ones came while it was read, and were read again")
    if run.may_miss_calls:
        told = "the next reconciliation finds them" if run.tenant.reconcile else "import again then"
        click.echo(f"Calls of this range may still be going on: {told}.")
    if run.records_incomplete:
        incomplete = f"{run.records_incomplete:>9,}"
        click.echo(f"{incomplete} incomplete, imported as far as they could be read:")
    for reason, count in sorted(run.problems.items(), key=lambda one: -one[1]):
        click.echo(f"{'':>9}   {count:,} times: {reason}")
