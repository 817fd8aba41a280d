"""The vendor's side of everything: tokens, sessions, softphones, calls, records. No Flask.

The API, the softphone page and the console each call it. What it holds is in `exchange`, how a call
moves on in `call_control`.
"""

import hmac
from dataclasses import dataclass

from crm.simulator.call_control import CallControl
from crm.simulator.calls import Call, CallState
from crm.simulator.exchange import Exchange
from crm.simulator.history import past_records
from crm.simulator.keys import new_key
from crm.simulator.notifications import Notifications
from crm.simulator.seed import Agent, Tenant
from crm.simulator.sessions import Session, Sessions
from crm.simulator.softphones import Event, Softphone
from crm.simulator.stage import Stage


class LoginRefusedError(Exception):
    """`login` answers false; the text is the message, in Turkish as at the vendor."""


@dataclass(kw_only=True, eq=False)
class Switchboard(Exchange):
    """State in memory, seeded; `reset()` brings back the first moment."""

    sessions_per_agent: int
    session_hours: float
    with_history: bool

    def __post_init__(self) -> None:
        super().__post_init__()
        self.control = CallControl(self)
        self.notifications = Notifications(self)
        self.stage = Stage(self, self)
        self.reset()

    def reset(self, *, sign_out: bool = True) -> None:
        """End all calls, forget posts and switches, fill in the past again; and, unless told
        otherwise, forget sessions, softphone pages and the steps that notify too.
        """
        with self.changed:
            self.stage.forget()
            self.timers.cancel_all()
            self.control.drop_all()
            self.start_afresh()
            self.notifications.forget(steps=sign_out)
            for tenant in self.tenants if self.with_history else ():
                for record in past_records(tenant, self.clock(), self.recordings_at):
                    self.records.keep(record)
            if sign_out:
                self.softphones.close_all()
                self.sessions = Sessions(
                    clock=self.clock,
                    random=self.random,
                    per_agent=self.sessions_per_agent,
                    hours=self.session_hours,
                )
            self.changed.notify_all()

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

    def open_softphone(self, agent: Agent) -> Softphone:
        """One without a browser, logged in as that agent; it listens until the reset."""
        tenant = next(one for one in self.tenants if agent in one.agents)
        with self.changed:
            session = self.sessions.open(tenant, agent)
            return self.connect(new_key(self.random, "page"), session)

    def connect(self, page: str, session: Session) -> Softphone:
        """A softphone page begins to listen; callers in its agent's queue are offered to it."""
        with self.changed:
            softphone = self.softphones.connect(page, session)
            # How many calls an earlier page of the same agent left open.
            stranded = sum(c.agent == session.agent and c.stranded for c in self.open_calls())
            softphone.tell(
                calls=self.calls_of_page(softphone),
                stranded=stranded,
                on_break=session.agent.email in self.on_break,
            )
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

    def active_calls(self, agent: Agent) -> list[Call]:
        """The agent's calls that ring or are up, newest first."""
        with self.changed:
            unseen = (CallState.QUEUED, CallState.CHOOSING, CallState.IVR)
            calls = [c for c in self.open_calls() if c.agent == agent and c.state not in unseen]
            return list(reversed(calls))
