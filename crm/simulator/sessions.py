"""The agents' sessions: made by `login`, ended by age, by newer ones, or from the console.

Owned by the switchboard, which holds its lock around every use.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from crm.simulator.keys import new_key
from crm.simulator.seed import Agent, Tenant


@dataclass(frozen=True)
class Session:
    """One login of an agent. The key appears in no repr."""

    key: str = field(repr=False)
    tenant: Tenant = field(repr=False)
    agent: Agent
    expires: datetime


class Sessions:
    """Sessions by key; only the newest few of an agent work (vendor's guide, "Login")."""

    def __init__(
        self, *, clock: Callable[[], datetime], random: Random, per_agent: int, hours: float
    ) -> None:
        self._clock = clock
        self._random = random
        self._per_agent = per_agent
        self._life = timedelta(hours=hours)
        self._newest: dict[str, deque[Session]] = {}
        self.opened: Counter[str] = Counter()  # logins so far, by agent

    def open(self, tenant: Tenant, agent: Agent) -> Session:
        """A new session; the agent's oldest one stops working when there are too many."""
        key = new_key(self._random, "session")
        session = Session(key, tenant, agent, self._clock() + self._life)
        self.opened[agent.email] += 1
        self._newest.setdefault(agent.email, deque(maxlen=self._per_agent)).append(session)
        return session

    def find(self, key: str) -> Session | None:
        """The session of that key if it still works."""
        for session in self._all():
            if session.key == key and session.expires > self._clock():
                return session
        return None

    def seconds_left(self, session: Session) -> int:
        """Whole seconds until the session expires."""
        return int((session.expires - self._clock()).total_seconds())

    def expire(self, agent_email: str | None = None) -> int:
        """End the sessions of one agent, or of all; returns how many."""
        ended = [s for s in self._all() if agent_email in (None, s.agent.email)]
        for session in ended:
            self._newest.pop(session.agent.email, None)
        return len(ended)

    def _all(self) -> Iterable[Session]:
        return [session for sessions in self._newest.values() for session in sessions]
