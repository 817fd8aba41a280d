"""An agent's telephony session: made at login, used for hours, renewed once for all processes.

What the vendor says (guide, section "Login"): keep a session for 8 to 12 hours; do not log in for
every request, because above an unnamed number the older sessions stop working and agents get stuck
in calls; when a session no longer works, make a new one and repeat the request. `AgentSession` does
this. Its store is passed in: ``memory_store.py`` for one process, a database for several.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, Self, TypeVar

from . import errors
from .client import Client
from .errors import CallCenterStudioError, Refused, SessionExpired, TimedOut

Answer = TypeVar("Answer")

# A session is renewed this long before it expires, or in its last quarter if it lives shorter.
RENEWED_BEFORE = timedelta(minutes=10)
# Requests this soon after a failed login take its failure: the vendor would say the same again.
FAILURE_COUNTS = timedelta(seconds=10)
CHECK_TIMEOUT = 5.0  # seconds; every desk asks every few minutes
LOOKS_EVERY = 0.1  # seconds between two looks while another login is under way


@dataclass(frozen=True)
class TelephonySession:
    """A session key and how long it is kept. The times are aware."""

    key: str = field(repr=False)
    made_for: str  # the agent and the addresses that may get the key
    made_at: datetime
    expires_at: datetime

    @property
    def renew_at(self) -> datetime:
        """The time from which `check` renews it."""
        return self.expires_at - min(RENEWED_BEFORE, (self.expires_at - self.made_at) / 4)

    def packed(self) -> list[str | float]:
        """The value for the agent's cookie: signed, HttpOnly, SameSite=Lax, Secure."""
        return [self.key, self.made_for, self.made_at.timestamp(), self.expires_at.timestamp()]

    @classmethod
    def unpacked(cls, packed: Any) -> Self | None:
        """The session from a value of `packed`; None for anything else."""
        try:
            key, made_for, *times = packed
            made_at, expires_at = (datetime.fromtimestamp(float(one), UTC) for one in times)
        except (TypeError, ValueError, OverflowError, OSError):
            return None
        return cls(str(key), str(made_for), made_at, expires_at)


@dataclass(frozen=True)
class LoginFailure:
    """A login that failed, kept for the requests that waited for it."""

    error: str  # name of a class in errors.py
    text: str
    at: datetime


Outcome = TelephonySession | LoginFailure


class Store(Protocol):
    """Each agent's last login, and a lock for the next one, shared by all processes."""

    def newest(self, agent: str) -> Outcome | None:
        """The outcome of the agent's last login."""

    def take(self, agent: str, seconds: float) -> str | None:
        """Take the agent's lock and return a ticket for it; None while another holds it.

        The lock ends after `seconds`, in case its holder is killed. Hold no transaction meanwhile.
        """

    def give_back(self, agent: str, ticket: str, outcome: Outcome | None) -> None:
        """End the lock and keep the outcome, if there is one. With an old ticket do neither."""


class AgentSession:
    """Acts at Call Center Studio for one agent, with one login at a moment over all processes.

    Make one for each request. `known` is the session that the agent's browser brought (its cookie);
    `current` is the one to give back to it.
    """

    def __init__(
        self,
        client: Client,
        email: str,
        *,
        store: Store,
        known: TelephonySession | None = None,
        agent: str = "",  # the store's name for the agent; the e-mail address if not given
        made_for: str = "",  # a session made for anything else is not used
        life: timedelta = timedelta(hours=8),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client, self._email, self._store = client, email, store
        self._agent = agent or email
        self._made_for = made_for or f"{email} {client.api_url}"
        self._life, self._clock = life, clock
        is_usable = known and known.made_for == self._made_for and known.expires_at > clock()
        self.current = known if is_usable else None

    def log_in(self) -> TelephonySession:
        """Make a new session, at the CRM's login. Requests of one moment share it.

        Raises LoginRefused or another CallCenterStudioError: let the agent in and show its text.
        """
        now = self._clock()
        self.current = self._one_login(lambda it: it.made_at >= now, failed_since=now)
        return self.current

    def get(self) -> TelephonySession:
        """The agent's session, else the newest one, else a login's. Raises what `log_in` raises."""
        if self.current is None:
            self.current = self._renewed(None)
        return self.current

    def ask(self, question: Callable[[Client, str], Answer]) -> Answer:
        """Call `question` with the client and the session's key: `ask(Client.click2hang)`.

        It is repeated only when the vendor refused the session itself and so did nothing. A dial
        that timed out may have gone out and is never sent twice.
        """
        asked_at = self._clock()
        session = self.get()
        # Twice, because the newest session, taken in place of an expired one, may have expired too.
        for _again in range(2):
            try:
                return question(self._client, session.key)
            except SessionExpired:
                if session.made_at >= asked_at:  # made for this request
                    raise
            session = self.current = self._renewed(session)
        return question(self._client, session.key)

    def check(self) -> TelephonySession:
        """A session that the vendor accepts now. One that expires soon is renewed.

        Call it when the softphone's page is loaded and every few minutes, not during a call: the
        softphone gets a new address with a new session. Asked with `ping` (seen in public clients,
        not confirmed); any refusal except that of the key counts as an answer.
        """

        def ping(client: Client, key: str) -> None:
            try:
                client.ping(key, total_timeout=CHECK_TIMEOUT)
            except SessionExpired:
                raise
            except Refused:
                return

        started = self._clock()
        if self.current is None or self.current.renew_at <= started:
            self.current = self._renewed(self.current)
        if self.current.made_at < started:
            self.ask(ping)
        return self.current

    def _renewed(self, refused: TelephonySession | None) -> TelephonySession:
        """The newest session if it is not the refused one, else a new one."""
        now, old_key = self._clock(), refused and refused.key
        return self._one_login(
            lambda it: it.key != old_key and it.renew_at > now,
            failed_since=now - FAILURE_COUNTS,
        )

    def _one_login(
        self, is_wanted: Callable[[TelephonySession], bool], *, failed_since: datetime
    ) -> TelephonySession:
        """Take the outcome of another login, waiting for one under way; else log in."""
        lock_ends = self._client.total_timeout + 5.0  # clocks of machines differ a little
        patience = time.monotonic() + 2 * lock_ends  # one may be killed, the next takes over
        ticket: str | None = None
        outcome: Outcome | None = None
        try:
            while True:
                newest = self._store.newest(self._agent)
                if isinstance(newest, LoginFailure):
                    if newest.at >= failed_since:
                        raise getattr(errors, newest.error)(newest.text)
                elif newest and newest.made_for == self._made_for and is_wanted(newest):
                    return newest
                if ticket:  # so no other process was quicker
                    break
                ticket = self._store.take(self._agent, lock_ends)
                if not ticket and time.monotonic() > patience:
                    raise TimedOut(
                        "Call Center Studio did not answer the agent's login in time. "
                        "Try again in a moment."
                    )
                if not ticket:
                    time.sleep(LOOKS_EVERY)
            try:
                login = self._client.login(self._email)
            except CallCenterStudioError as error:
                outcome = LoginFailure(type(error).__name__, str(error), self._clock())
                raise
            now, life = self._clock(), self._life
            if login.expires_in is not None:  # seen in one public client, not confirmed
                life = min(life, timedelta(seconds=login.expires_in))
            outcome = TelephonySession(login.session, self._made_for, now, now + life)
            return outcome
        finally:
            if ticket:
                self._store.give_back(self._agent, ticket, outcome)
