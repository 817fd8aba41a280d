"""Agents' names where calls are shown: two of one name are told apart by their addresses."""

from itertools import groupby

from flask import g

from crm import agents
from crm.models import Call


class AgentNames:
    """Everybody's name, looked up once."""

    def __init__(self) -> None:
        self._names = agents.names_apart()

    def of(self, agent_id: int | None, told: str = "") -> str:
        """An agent's name; `told`, the vendor's word, for one whom nobody here knows."""
        return self._names.get(agent_id, told) if agent_id is not None else told

    def of_call(self, call: Call) -> str:
        """Who had the call, one after the other where it was handed on."""
        had_it = [self.of(leg.agent_id, leg.agent_name) for leg in call.parts]
        if not had_it:
            return self.of(call.agent_id, call.agent_name)
        return " → ".join(name for name, _leg in groupby(had_it) if name)


def names() -> AgentNames:
    """Those of this request."""
    if "agent_names" not in g:
        g.agent_names = AgentNames()
    found: AgentNames = g.agent_names
    return found
