"""Acting at Call Center Studio for an agent: log in, dial, hang up, hold, ask which calls are up.

This is the one place that knows "session expired -> log in once -> repeat once". The web layer
passes in the telephony session that it read from the agent's cookie and gets back the one that
works now; `crm.worker` uses `client_for`.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Generic, TypeVar

from sqlalchemy import select, update

from crm import secret_box
from crm.callcenterstudio import (
    ActiveCall,
    CallCenterStudioError,
    Client,
    Refused,
    SessionExpired,
    origin_of,
)
from crm.extensions import db
from crm.models import Agent, DialFormat, SoftphoneTenant, Tenant, utc_now
from crm.models.locking import in_one_transaction
from crm.phone_numbers import for_dialling

Answer = TypeVar("Answer")
ANSWER_IS_NEWS = timedelta(minutes=1)

# A session is renewed this long before it runs out, or in its last quarter where it lives so short
# that this would be most of it.
RENEWED_BEFORE = timedelta(minutes=10)
# One that another request has made just now answers the same need.
JUST_NOW = timedelta(minutes=1)
# Whether a key still works is asked beside other work and by every desk; a vendor that is slow to
# say so must not hold the CRM's threads.
CHECK_TIMEOUT = 5.0


class NotSetUpError(CallCenterStudioError):
    """The tenant cannot be used yet; the text says what an admin must set."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """An agent's account at Call Center Studio, read once so that no database waits for the vendor.

    studio_email: the agent's address at the vendor. softphone_tenant_value: what the softphone
    page gets as `tenant`. hook_secret: stands in the hangup address; "" when it
    cannot be read.
    """

    agent_id: int
    tenant_id: int
    studio_email: str
    api_url: str
    app_token: str = field(repr=False)
    softphone_page: str
    softphone_tenant_value: str
    hook_secret: str = field(repr=False)
    region: str
    dial_format: DialFormat

    @property
    def identity(self) -> tuple[int, str, tuple[str, str]]:
        """Whose telephony sessions are each other's: the agent's at these addresses."""
        return self.agent_id, self.studio_email, self.origins

    @property
    def origins(self) -> tuple[str, str]:
        """The only ones that get the agent's session key: of the API and of the softphone page."""
        return origin_of(self.api_url), origin_of(self.softphone_page)


@dataclass(frozen=True, kw_only=True)
class TelephonySession:
    """A session key of Call Center Studio, whose it is and how long it is kept (aware times).

    origins: of the API and of the softphone page when it was made. It is sent to no other.
    """

    key: str = field(repr=False)
    agent_id: int
    tenant_id: int
    origins: tuple[str, str]
    made_at: datetime
    expires_at: datetime

    @property
    def renew_at(self) -> datetime:
        """When it should be renewed, so that it never runs out under an agent's hands."""
        life = self.expires_at - self.made_at
        return self.expires_at - min(RENEWED_BEFORE, life / 4)


@dataclass(frozen=True)
class Answered(Generic[Answer]):
    """What the vendor answered, and the telephony session that works now."""

    answer: Answer
    session: TelephonySession


def client_for(tenant: Tenant, secret_key: str) -> Client:
    """A client that acts for a tenant.

    Raises NotSetUpError when its app token is missing or unreadable.
    """
    return Client(api_url=tenant.api_url, app_token=_app_token(tenant, secret_key))


def try_connection(tenant: Tenant, secret_key: str) -> str:
    """Ask the vendor whether address and app token are right, and keep what came; commits.

    Returns what is wrong in words, "" when the vendor took the token.
    """
    tenant_id, problem = tenant.id, ""
    try:
        client = client_for(tenant, secret_key)
        db.session.rollback()  # no connection to the database is kept while the vendor is asked
        client.ping()
    except CallCenterStudioError as error:
        problem = str(error)
    keep_answer(tenant_id, problem, now=utc_now())
    return problem


def keep_answer(tenant_id: int, problem: str, *, now: datetime) -> None:
    """Keep what the vendor last said to a tenant's app token, for admins to see; commits.

    The same answer again is written once in ANSWER_IS_NEWS.
    """
    tenant = db.session.get_one(Tenant, tenant_id)
    problem = problem[: Tenant.__table__.c.last_answer_problem.type.length]
    is_news = tenant.last_answer_at is None or now - tenant.last_answer_at > ANSWER_IS_NEWS
    changed = is_news or tenant.last_answer_problem != problem
    db.session.rollback()
    if changed:
        values = {"last_answer_at": now, "last_answer_problem": problem}
        statement = update(Tenant).where(Tenant.id == tenant_id).values(values)
        in_one_transaction(lambda: db.session.execute(statement))


def account_of(agent_id: int, secret_key: str) -> Account:
    """The account of one agent. Raises NotSetUpError as `client_for` does."""
    statement = select(Agent, Tenant).join(Tenant, Tenant.id == Agent.tenant_id)
    agent, tenant = db.session.execute(statement.where(Agent.id == agent_id)).one()
    whole_host = tenant.softphone_tenant is SoftphoneTenant.HOST
    return Account(
        agent_id=agent.id,
        tenant_id=tenant.id,
        studio_email=agent.studio_email,
        api_url=tenant.api_url,
        app_token=_app_token(tenant, secret_key),
        softphone_page=tenant.softphone_url,
        softphone_tenant_value=tenant.host if whole_host else tenant.name,
        hook_secret=tenant.hook_secret,
        region=tenant.region,
        dial_format=tenant.dial_format,
    )


def _app_token(tenant: Tenant, secret_key: str) -> str:
    if not tenant.app_token_sealed:
        raise NotSetUpError(
            f"The tenant {tenant.name} has no app token yet. An admin can set it under Settings."
        )
    try:
        return secret_box.unseal(tenant.app_token_sealed, key=secret_key)
    except secret_box.SecretLostError as lost:
        raise NotSetUpError(str(lost)) from None


class Telephony:
    """The telephony sessions of this process: at most one login at a time for each agent."""

    def __init__(
        self,
        *,
        public_url: str | None,
        session_hours: int,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._public_url = public_url
        self._life = timedelta(hours=session_hours)
        self._clock = clock
        self._guard = threading.Lock()
        self._logins: dict[tuple[int, str, tuple[str, str]], Future[TelephonySession]] = {}
        self._newest: dict[tuple[int, str, tuple[str, str]], TelephonySession] = {}

    def log_in(self, account: Account) -> TelephonySession:
        """Log in at Call Center Studio; requests that ask at the same moment share one login.

        Raises a CallCenterStudioError whose text can be shown to the agent.
        """
        return self._log_in_unless_newer(account, than=self._clock())

    def session_of(self, account: Account, known: TelephonySession | None) -> TelephonySession:
        """The session to act with: `known`, or a new one where the agent has none (any more).

        Its time runs out on every long shift, and what the agent wants to do then is still wanted.
        """
        return known or self._log_in_unless_newer(account, than=self._clock() - JUST_NOW)

    def check(self, account: Account, known: TelephonySession | None) -> TelephonySession:
        """A session that the vendor takes at this moment: `known` if it does, else a new one.

        One that runs out soon is renewed as well. Asked with `ping`, which public clients send with
        a session; any refusal but that of the key counts as an answer.
        """

        def ping(client: Client, key: str) -> None:
            try:
                client.ping(key)
            except SessionExpired:
                raise
            except Refused:
                return

        if known is None or known.renew_at <= self._clock():
            return self.session_of(account, None)
        return self._ask(account, known, ping, timeout=CHECK_TIMEOUT).session

    def dial(
        self,
        account: Account,
        session: TelephonySession,
        *,
        number: str,
        transaction_id: str,
        masked: bool = False,
    ) -> TelephonySession:
        """Dial `number` (normal form) on the agent's softphone; returns the session that works now.

        That the vendor accepted says nothing about the call: it always does, the softphone's `Dial`
        message tells (vendor's wiki, page "Click 2 Call"). Sent once; sent again only when the
        vendor refused the session itself, so that no call can have come of it.
        """

        def click2call(client: Client, key: str) -> None:
            client.click2call(
                key,
                for_dialling(number, account.dial_format.value, account.region),
                transactionid=transaction_id,
                hangup_url=self._hangup_url(account),
                masked=masked,
            )

        return self._ask(account, session, click2call).session

    def hang_up(self, account: Account, session: TelephonySession) -> TelephonySession:
        """End the agent's active call (click2hang: seen in public clients, not confirmed)."""
        return self._ask(account, session, lambda client, key: client.click2hang(key)).session

    def hold(self, account: Account, session: TelephonySession) -> TelephonySession:
        """Put the agent's active call on hold (click2hold: seen in public clients)."""
        return self._ask(account, session, lambda client, key: client.click2hold(key)).session

    def unhold(self, account: Account, session: TelephonySession) -> TelephonySession:
        """Take the agent's active call off hold (click2unhold: seen in public clients)."""
        return self._ask(account, session, lambda client, key: client.click2unhold(key)).session

    def active_calls(
        self, account: Account, session: TelephonySession
    ) -> Answered[tuple[ActiveCall, ...]]:
        """The agent's calls that are up (getmyactivecalls: seen in public clients)."""
        return self._ask(account, session, lambda client, key: client.getmyactivecalls(key))

    def recording_address(
        self, account: Account, session: TelephonySession, activecallkey: str
    ) -> Answered[str | None]:
        """Where the recording of a call lies, None while there is none (getrecordingurl: seen in a
        public client). The address comes from outside: check it before it is fetched.
        """
        return self._ask(
            account, session, lambda client, key: client.getrecordingurl(key, activecallkey)
        )

    def _ask(
        self,
        account: Account,
        session: TelephonySession,
        question: Callable[[Client, str], Answer],
        *,
        timeout: float | None = None,
    ) -> Answered[Answer]:
        make_client = Client if timeout is None else partial(Client, total_timeout=timeout)
        client = make_client(api_url=account.api_url, app_token=account.app_token)
        asked_at = self._clock()
        try:
            return Answered(question(client, session.key), session)
        except SessionExpired:
            renewed = self._log_in_unless_newer(account, than=session.made_at)
        try:
            return Answered(question(client, renewed.key), renewed)
        except SessionExpired:
            if renewed.made_at >= asked_at:
                raise
        # Another request's login was taken, and that had expired as well.
        renewed = self._log_in_unless_newer(account, than=renewed.made_at)
        return Answered(question(client, renewed.key), renewed)

    def _log_in_unless_newer(self, account: Account, *, than: datetime) -> TelephonySession:
        """Too many logins make older sessions stop working, so a newer one that exists is taken.

        Who comes while a login is under way shares its outcome, also when it fails: the second to
        wait for a vendor that does not answer must not wait twice as long.
        """
        with self._guard:
            newest = self._newest.get(account.identity)
            if newest and newest.made_at > than and newest.renew_at > self._clock():
                return newest
            under_way = self._logins.get(account.identity)
            login = self._logins.setdefault(account.identity, Future())
        if under_way is None:
            self._log_in_for_all(account, login)
        return login.result()

    def _log_in_for_all(self, account: Account, login: "Future[TelephonySession]") -> None:
        try:
            session = self._log_in_now(account)
        except BaseException as error:
            with self._guard:
                del self._logins[account.identity]
            login.set_exception(error)
        else:
            with self._guard:
                del self._logins[account.identity]
                self._newest[account.identity] = session
            login.set_result(session)

    def _log_in_now(self, account: Account) -> TelephonySession:
        client = Client(api_url=account.api_url, app_token=account.app_token)
        login = client.login(account.studio_email)
        now = self._clock()
        life = self._life
        if login.expires_in is not None:
            life = min(life, timedelta(seconds=login.expires_in))
        return TelephonySession(
            key=login.session,
            agent_id=account.agent_id,
            tenant_id=account.tenant_id,
            origins=account.origins,
            made_at=now,
            expires_at=now + life,
        )

    def _hangup_url(self, account: Account) -> str | None:
        if self._public_url is None or not account.hook_secret:
            return None
        return f"{self._public_url}/webhooks/hangup/{account.hook_secret}"
