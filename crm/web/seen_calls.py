"""The calls that the current agent may see, for every page, file and recording.

The rule itself is `CurrentAgent.seen_tenants`: agents see their tenant, admins all.
"""

from collections.abc import Iterable

from werkzeug.exceptions import NotFound

from crm import agents, calls
from crm import tenants as all_of_them
from crm.models import Agent, Call, Tenant
from crm.web import current_agent


def call(call_id: int) -> Call:
    """The call with this id, also after its row was merged. Raises 404."""
    found = calls.find(call_id)
    if found is None or not current_agent.get().sees(found.tenant_id):
        raise NotFound
    return found


def of(found: Iterable[Call | None]) -> list[Call]:
    """Filter calls to those that may be seen."""
    agent = current_agent.get()
    return [one for one in found if one and agent.sees(one.tenant_id)]


def tenants() -> list[Tenant]:
    """The tenants whose calls may be seen, by name."""
    agent = current_agent.get()
    return [one for one in all_of_them.all_tenants() if agent.sees(one.id)]


def people() -> list[Agent]:
    """The agents whose calls may be seen, also those who have left."""
    agent = current_agent.get()
    return [one for one in agents.all_agents() if agent.sees(one.tenant_id)]
