"""`flask tenant set|list`: tenants from the command line, as the settings pages have them."""

import click
from flask import current_app

from crm import tenants
from crm.cli.base import Group, secret
from crm.extensions import db
from crm.models import DialFormat, SoftphoneTenant
from crm.settings import Settings
from crm.telephony import account
from crm.tenants import InvalidTenantError, TenantData

group = Group("tenant", help="Customer accounts at Call Center Studio.")


@group.command("set")
@click.argument("name")
@click.option("--host", help="Full host name. Default for a new one: NAME.callcenterstudio.com")
@click.option("--api-url", help="Address of the API. Default: https://HOST/api/")
@click.option("--softphone-url", help="Address of the softphone page, without tenant and session.")
@click.option(
    "--softphone-tenant",
    type=click.Choice([form.value for form in SoftphoneTenant]),
    help="What the softphone page expects as its tenant: the full host or the bare name.",
)
@click.option("--timezone", help="Time zone of the tenant's times, like Europe/Istanbul.")
@click.option("--region", help="Country where its numbers are at home, like TR.")
@click.option(
    "--dial-format",
    type=click.Choice([form.value for form in DialFormat]),
    help="How numbers are sent for dialling.",
)
@click.option(
    "--reconcile/--no-reconcile",
    default=None,
    help="Whether the records of its last hours are read again and again, to find lost calls.",
)
@click.option(
    "--softphone-sandbox/--no-softphone-sandbox",
    default=None,
    help="Without it the softphone's page can lead the CRM's window elsewhere, during a call too.",
)
def set_tenant(
    name: str, reconcile: bool | None, softphone_sandbox: bool | None, **given: str | None
) -> None:
    """Make the tenant NAME, or change what is given.

    The app token (Administrator > Applications at Call Center Studio) comes from a prompt, from
    stdin or from APP_TOKEN. Without one, a tenant keeps the token it has. Address and token are
    tried when they are saved.
    """
    before = tenants.by_name(name)
    kept = " (Enter keeps the one that is set)" if before and before.app_token_sealed else ""
    app_token = secret("APP_TOKEN", f"App token{kept}")
    settings: Settings = current_app.extensions["settings"]
    data = TenantData(
        **given,
        softphone_unsandboxed=None if softphone_sandbox is None else not softphone_sandbox,
        reconcile=reconcile,
        app_token=app_token,
    )
    try:
        tenant = tenants.set_tenant(name, data, secret_key=settings.secret_key)
    except InvalidTenantError as error:
        lines = [
            problem if field in ("name", "app_token") else f"--{field.replace('_', '-')}: {problem}"
            for field, problem in error.problems.items()
        ]
        raise click.ClickException("\n".join(lines)) from None
    db.session.commit()
    click.echo(f"Tenant {tenant.name} {'changed' if before else 'made'}: {tenant.api_url}")
    if not tenant.app_token_sealed:
        click.echo(
            "It has no app token yet, so nobody can log in at Call Center Studio. "
            f"Run again with APP_TOKEN set: flask tenant set {tenant.name}"
        )
    elif problem := account.try_connection(tenant, settings.secret_keys):
        click.echo(f"It is saved, but cannot be used yet. {problem}", err=True)
    else:
        click.echo("Call Center Studio answered and took the app token.")


@group.command("list")
def list_tenants() -> None:
    """Show all tenants, and whether each has an app token."""
    found = tenants.all_tenants()
    for tenant in found:
        set_at = tenant.app_token_set_at
        people = sum(agent.active for agent in tenant.agents)
        columns = (
            f"{tenant.name:<15}",
            tenant.api_url,
            tenant.timezone,
            tenant.region,
            f"dials {tenant.dial_format}",
            f"app token set on {set_at:%Y-%m-%d}" if set_at else "no app token",
            "reconciled" if tenant.reconcile else "not reconciled",
            f"{people} agent{'' if people == 1 else 's'}",
        )
        click.echo("  ".join(columns))
    if not found:
        click.echo("No tenant yet. Make one: flask tenant set NAME")
