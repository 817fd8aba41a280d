"""The demo's small company moves in: agents, contacts, and what they talked about lately."""

from datetime import datetime

from crm import agents, contacts, tenants
from crm.agents import AgentData
from crm.cli.demo import past_calls, people
from crm.cli.demo.logins import LOGINS
from crm.models import Tenant


def move_in(*, now: datetime) -> None:
    """Fill an empty database that has its tenants; the caller commits."""
    by_name = {tenant.name: tenant for tenant in tenants.all_tenants()}
    add_agents(by_name)
    for person in people.everybody():
        contacts.create(person, region="TR")
    for tenant in by_name.values():
        past_calls.remember(tenant, now=now)


def add_agents(by_name: dict[str, Tenant]) -> None:
    """The people of `logins.py`, with the demo's password."""
    for who in LOGINS:
        data = AgentData(email=who.email, name=who.name, tenant=by_name[who.tenant], role=who.role)
        agents.add_agent(data, who.password)
