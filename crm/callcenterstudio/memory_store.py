"""The store of `AgentSession` for a program that is one process, such as `examples/minimal`."""

import secrets
import threading
import time

from .sessions import Outcome


class MemoryStore:
    """A store in memory, for one process. Several processes would each log in for themselves."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._newest: dict[str, Outcome] = {}
        self._locks: dict[str, tuple[str, float]] = {}

    def newest(self, agent: str) -> Outcome | None:
        """See `Store`."""
        return self._newest.get(agent)

    def take(self, agent: str, seconds: float) -> str | None:
        """See `Store`."""
        with self._guard:
            if agent in self._locks and time.monotonic() < self._locks[agent][1]:
                return None
            ticket = secrets.token_hex(8)
            self._locks[agent] = ticket, time.monotonic() + seconds
            return ticket

    def give_back(self, agent: str, ticket: str, outcome: Outcome | None) -> None:
        """See `Store`."""
        with self._guard:
            if self._locks.get(agent, ("",))[0] == ticket:
                del self._locks[agent]
                if outcome:
                    self._newest[agent] = outcome

    def delete(self, agent: str) -> None:
        """Forget the agent's session, when the agent logs out."""
        with self._guard:
            self._newest.pop(agent, None)
            self._locks.pop(agent, None)
