"""What the filters of the call log offer to choose from, for who is logged in."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext

from crm import agents, calls
from crm import tenants as all_of_them
from crm.callcenterstudio.dispositions import DISPOSITIONS
from crm.models import Agent, Tenant
from crm.web.agent_names import names
from crm.web.current_agent import CurrentAgent

DIRECTIONS = [("inbound", lazy_gettext("Inbound")), ("outbound", lazy_gettext("Outbound"))]
RESULTS = [
    ("answered", lazy_gettext("Answered")),
    ("missed", lazy_gettext("Missed")),
    ("abandoned", lazy_gettext("Gave up waiting")),
]

Choice = tuple[str, object]  # what the address says, and the words for it


@dataclass(frozen=True)
class Choices:
    """Of each field its choices. What is set and not among them is one more."""

    directions: list[Choice]
    results: list[Choice]
    queues: list[Choice]
    agents: list[Choice]
    dispositions: list[Choice]
    outcomes: list[Choice]
    tenants: list[Choice]


def choices(agent: CurrentAgent, fields: dict[str, str]) -> Choices:
    """What this agent can choose; `fields` is what is set."""
    mine = tenants(agent)
    shown = [tenant.id for tenant in mine if str(tenant.id) == fields.get("tenant")]
    queues = calls.queues(shown or [tenant.id for tenant in mine])
    return Choices(
        directions=[*DIRECTIONS],
        results=[*RESULTS],
        queues=_with(queues, fields.get("queue")),
        agents=[(str(person.id), names().of(person.id)) for person in people(agent)],
        dispositions=_with(DISPOSITIONS, fields.get("disposition")),
        outcomes=[*calls.OUTCOMES],
        tenants=[(str(tenant.id), tenant.name) for tenant in mine] if len(mine) > 1 else [],
    )


def tenants(agent: CurrentAgent) -> list[Tenant]:
    """The tenants whose calls this agent may see."""
    found = all_of_them.all_tenants()
    return found if agent.is_admin else [one for one in found if one.id == agent.tenant_id]


def people(agent: CurrentAgent) -> list[Agent]:
    """Whose calls this agent may see, also of those who have left."""
    found = agents.all_agents()
    return found if agent.is_admin else [one for one in found if one.tenant_id == agent.tenant_id]


def _with(words: Iterable[str], chosen: str | None) -> list[Choice]:
    known = dict.fromkeys(words)
    return [(word, word) for word in (known | {chosen: None} if chosen else known)]
