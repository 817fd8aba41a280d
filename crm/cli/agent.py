"""`flask agent add|list|deactivate|reactivate|reset-password`: agents from the command line."""

import click

from crm import agents, tenants
from crm.agents import AgentData, InvalidAgentError
from crm.cli.base import Group, secret
from crm.extensions import db
from crm.models import Agent, Role

group = Group("agent", help="The people who log in to the CRM.")


@group.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Name of the person.")
@click.option("--tenant", "tenant_name", required=True, help="Name of the agent's tenant.")
@click.option("--studio-email", help="Address at Call Center Studio. Default: EMAIL")
@click.option("--admin", is_flag=True, help="May change settings, agents and tenants.")
def add_agent(
    email: str, name: str, tenant_name: str, studio_email: str | None, admin: bool
) -> None:
    """Add the agent EMAIL.

    The password comes from a prompt, from stdin or from PASSWORD.
    """
    tenant = tenants.by_name(tenant_name)
    if tenant is None:
        raise click.ClickException(
            f"There is no tenant {tenant_name}. Make it: flask tenant set {tenant_name}"
        )
    role = Role.ADMIN if admin else Role.AGENT
    data = AgentData(email=email, name=name, tenant=tenant, role=role, studio_email=studio_email)
    try:
        agent = agents.add_agent(data, _password())
    except InvalidAgentError as error:
        raise click.ClickException(str(error)) from None
    db.session.commit()
    click.echo(f"{agent.name} can log in as {agent.email} ({agent.role}, tenant {tenant.name}).")


@group.command("list")
def list_agents() -> None:
    """Show all agents."""
    found = agents.all_agents()
    for agent in found:
        state = "active" if agent.active else "deactivated"
        at_vendor = "" if agent.studio_email == agent.email else f"  as {agent.studio_email}"
        click.echo(
            f"{agent.email:<30}  {agent.name:<20}  {agent.role:<5}  {agent.tenant.name}  "
            f"{state}{at_vendor}"
        )
    if not found:
        click.echo("No agent yet. Add one: flask agent add EMAIL --name … --tenant … --admin")


@group.command("deactivate")
@click.argument("email")
def deactivate(email: str) -> None:
    """End the access of EMAIL at once. Calls and notes stay."""
    agent = _agent(email)
    try:
        agents.deactivate(agent)
    except InvalidAgentError as error:
        raise click.ClickException(str(error)) from None
    db.session.commit()
    click.echo(f"{agent.email} can no longer log in.")


@group.command("reactivate")
@click.argument("email")
def reactivate(email: str) -> None:
    """Let EMAIL log in again, with the password there was."""
    agent = _agent(email)
    agents.reactivate(agent)
    db.session.commit()
    click.echo(f"{agent.email} can log in again.")


@group.command("reset-password")
@click.argument("email")
def reset_password(email: str) -> None:
    """Set a new password for EMAIL and end all their logins.

    The password comes from a prompt, from stdin or from PASSWORD.
    """
    agent = _agent(email)
    try:
        agents.reset_password(agent, _password())
    except InvalidAgentError as error:
        raise click.ClickException(str(error)) from None
    db.session.commit()
    click.echo(f"{agent.email} has a new password and is logged out everywhere.")


def _agent(email: str) -> Agent:
    agent = agents.by_email(email)
    if agent is None:
        raise click.ClickException(f"There is no agent {email}. See: flask agent list")
    return agent


def _password() -> str:
    password = secret("PASSWORD", "Password", confirm=True)
    if password is None:
        raise click.ClickException("A password is needed: type it, pipe it in, or set PASSWORD.")
    return password
