"""Agents' names where calls are shown. Two with the same name are shown with their addresses."""

from itertools import groupby

from flask import g

from crm import agents
from crm.models import Call


class AgentNames:
    """The names of all agents, read once."""

    def __init__(self) -> None:
        self._names = agents.names_apart()

    def of(self, agent_id: int | None, told: str = "") -> str:
        """An agent's name; for an unknown agent `told`, the vendor's name."""
        return self._names.get(agent_id, told) if agent_id is not None else told

    def of_call(self, call: Call) -> str:
        """The agents of a call, in order when it was transferred."""
        had_it = [self.of(leg.agent_id, leg.agent_name) for leg in call.parts]
        if not had_it:
            return self.of(call.agent_id, call.agent_name)
        return " → ".join(name for name, _leg in groupby(had_it) if name)


def names() -> AgentNames:
    """The names for this request, read once."""
    if "agent_names" not in g:
        g.agent_names = AgentNames()
    found: AgentNames = g.agent_names
    return found
