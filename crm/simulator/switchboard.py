"""The vendor's side of everything: tokens, sessions, softphones, calls, records. No Flask.

The API, the softphone page and the console each call it; one lock guards all of it, and waiting
event streams are woken through the same condition. How a call moves on is in `call_control`.
"""

import hmac
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random

from crm.simulator.call_control import CallControl
from crm.simulator.calls import Call, CallState
from crm.simulator.cdr import Record
from crm.simulator.hangup_posts import HangupPosts
from crm.simulator.history import past_records
from crm.simulator.notifications import Notifications
from crm.simulator.records import Records
from crm.simulator.seed import Agent, Tenant
from crm.simulator.sessions import Session, Sessions
from crm.simulator.softphones import Event, Softphone, Softphones
from crm.simulator.switches import Switches
from crm.simulator.timers import Timers
from crm.simulator.webhook_faults import Deliveries


class LoginRefusedError(Exception):
    """`login` answers false; the text is the message, in Turkish as at the vendor."""


class Switchboard:
    """State in memory, seeded; `reset()` brings back the first moment."""

    def __init__(
        self,
        *,
        tenants: Sequence[Tenant],
        clock: Callable[[], datetime],
        random: Random,
        timers: Timers,
        hangup_posts: HangupPosts,
        sessions_per_agent: int,
        session_hours: float,
        recordings_at: str | None,
        most_open_calls: int,
        with_history: bool,
    ) -> None:
        self.tenants = tuple(tenants)
        self.clock = clock
        self.random = random
        self.timers = timers
        self.hangup_posts = hangup_posts
        self.recordings_at = recordings_at
        self.most_open_calls = most_open_calls
        self.changed = threading.Condition(threading.RLock())
        self._with_history = with_history
        self._sessions_per_agent = sessions_per_agent
        self._session_hours = session_hours
        self.softphones = Softphones()
        self.calls: dict[int, Call] = {}
        self.call_numbers = itertools.count(1)
        # Told of each call that has ended, under the lock: its fields say how it ended.
        self.call_ended: list[Callable[[Call], None]] = []
        self.faults: Counter[str] = Counter()  # fault -> how often it happened since the reset
        self.control = CallControl(self)
        self.notifications = Notifications(self)
        self.reset()

    def reset(self, *, sign_out: bool = True) -> None:
        """End all calls, forget posts and switches, fill in the past again; and, unless told
        otherwise, forget sessions, softphone pages and the steps that notify too.
        """
        with self.changed:
            self.timers.cancel_all()
            self.control.drop_all()
            self.switches = Switches()
            self.faults.clear()
            self._deliveries = Deliveries(self.timers, self.faults)
            self.hangup_posts.recent.clear()
            self.notifications.forget(steps=sign_out)
            self.records = Records(self.clock)
            for tenant in self.tenants if self._with_history else ():
                for record in past_records(tenant, self.clock(), self.recordings_at):
                    self.records.keep(record)
            if sign_out:
                self._sign_everybody_out()
            self.changed.notify_all()

    def _sign_everybody_out(self) -> None:
        self.softphones.close_all()
        self.sessions = Sessions(
            clock=self.clock,
            random=self.random,
            per_agent=self._sessions_per_agent,
            hours=self._session_hours,
        )

    # Keys

    def log_in(self, email: str, app_token: str) -> tuple[Session, int]:
        """A new session of the agent and the whole seconds it lives. Raises LoginRefusedError."""
        with self.changed:
            tenant = self.tenant_of_token(app_token)
            if tenant is None:
                raise LoginRefusedError("Yanlış API anahtarı")
            agent = next((a for a in tenant.agents if a.email == email.strip().lower()), None)
            if agent is None or self.switches.refuse_login:
                raise LoginRefusedError("Kullanıcı bulunamadı")
            session = self.sessions.open(tenant, agent)
            return session, self.sessions.seconds_left(session)

    def tenant_of_token(self, app_token: str) -> Tenant | None:
        """The tenant which that application belongs to."""
        for tenant in self.tenants:
            if hmac.compare_digest(tenant.app_token.encode(), app_token.encode()):
                return tenant
        return None

    def session(self, key: str) -> Session | None:
        """The session of that key if it still works."""
        with self.changed:
            return self.sessions.find(key)

    def expire_sessions(self, agent_email: str | None = None) -> int:
        """End the sessions of one agent, or of all; open softphones stay as they are."""
        with self.changed:
            return self.sessions.expire(agent_email)

    def agent(self, email: str) -> tuple[Tenant, Agent] | None:
        """The agent of that address and their tenant."""
        for tenant in self.tenants:
            for agent in tenant.agents:
                if agent.email == email:
                    return tenant, agent
        return None

    # Softphone pages

    def connect(self, page: str, session: Session) -> Softphone:
        """A softphone page begins to listen; callers in its agent's queue are offered to it."""
        with self.changed:
            softphone = self.softphones.connect(page, session)
            softphone.tell(calls=self.calls_of_page(softphone), stranded=self._stranded(softphone))
            self.control.offer_waiting(softphone)
            self.changed.notify_all()
            return softphone

    def disconnect(self, softphone: Softphone) -> None:
        """One of the page's event streams has ended. Its calls stay open."""
        with self.changed:
            softphone.streams = max(0, softphone.streams - 1)
            self.changed.notify_all()

    def leave(self, softphone: Softphone) -> None:
        """The page says that it goes away, before its streams break."""
        with self.changed:
            softphone.streams = 0
            self.changed.notify_all()

    def wait_for_events(self, softphone: Softphone, after: int, seconds: float) -> list[Event]:
        """The page's events after that number; waits up to `seconds` for the first."""
        with self.changed:
            # Woken at each change anywhere; only the page's own ones are worth a write.
            self.changed.wait_for(lambda: softphone.told > after or softphone.replaced, seconds)
            return softphone.since(after)

    def calls_of_page(self, softphone: Softphone) -> list[dict[str, object]]:
        """The page's open calls as it draws them; one that went back to its queue is not there."""
        mine = (c for c in self.open_calls() if c.softphone is softphone)
        return [c.for_page() for c in mine if c.state is not CallState.QUEUED]

    def _stranded(self, softphone: Softphone) -> int:
        """How many calls an earlier page of the same agent left open."""
        agent = softphone.session.agent
        return sum(c.agent == agent and c.stranded for c in self.open_calls())

    # Reading

    def open_calls(self) -> list[Call]:
        """All calls that have not ended, oldest first."""
        return list(self.calls.values())

    def room_for_calls(self) -> bool:
        """May another call be opened?"""
        return len(self.calls) < self.most_open_calls

    def active_calls(self, agent: Agent) -> list[Call]:
        """The agent's calls that ring or are up, newest first."""
        with self.changed:
            unseen = (CallState.QUEUED, CallState.CHOOSING, CallState.IVR)
            calls = [c for c in self.open_calls() if c.agent == agent and c.state not in unseen]
            return list(reversed(calls))

    def deliver(self, kind: str, send: Callable[[], None], *, delay: float = 0.0) -> None:
        """Have a webhook sent in `delay` seconds, unless the switches have it meet a fault.

        kind: "hangup" or "notification".
        """
        with self.changed:
            self._deliveries.deliver(kind, send, self.switches, delay=delay)

    def keep(self, record: Record) -> None:
        """Add the record of an ended call."""
        with self.changed:
            self.records.keep(record)
