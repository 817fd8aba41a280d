"""Accounts at the vendor: a tenant with its app token, or an agent's.

The worker and the commands use `client_for`. Requests for an agent go through `account_of` and
`crm.telephony.session_store`. `keep_answer` stores the vendor's last answer to a tenant's app
token, for admins.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update

from crm import secret_box
from crm.callcenterstudio import CallCenterStudioError, Client, origin_of
from crm.extensions import db
from crm.models import Agent, DialFormat, SoftphoneTenant, Tenant, utc_now
from crm.models.locking import in_one_transaction
from crm.settings import Settings
from crm.telephony import request_log, webhook_secrets

ANSWER_IS_NEWS = timedelta(minutes=1)


class NotSetUpError(CallCenterStudioError):
    """The tenant cannot be used yet; the text says what an admin must set."""


def client_for(
    tenant: Tenant, secret_keys: tuple[str, ...], *, agent_id: int | None = None
) -> Client:
    """A client that acts for a tenant, and for an agent of it.

    Raises NotSetUpError when its app token is missing or unreadable.
    """
    if not tenant.app_token_sealed:
        raise NotSetUpError(
            f"The tenant {tenant.name} has no app token yet. An admin can set it under Settings."
        )
    try:
        app_token = secret_box.unseal(tenant.app_token_sealed, keys=secret_keys)
    except secret_box.SecretLostError as lost:
        raise NotSetUpError(str(lost)) from None
    watch = request_log.watch(tenant, agent_id)
    return Client(api_url=tenant.api_url, app_token=app_token, watch=watch)


def try_connection(
    tenant: Tenant, secret_keys: tuple[str, ...], *, seconds: float | None = None
) -> CallCenterStudioError | None:
    """Ask the vendor whether address and app token are right, and keep the answer; commits.

    Returns the problem, None if the vendor accepted the token.
    """
    tenant_id, problem = tenant.id, None
    try:
        client = client_for(tenant, secret_keys)
        db.session.rollback()  # no connection to the database is kept while the vendor is asked
        client.ping(total_timeout=seconds)
    except CallCenterStudioError as error:
        problem = error
    keep_answer(tenant_id, str(problem or ""), now=utc_now())
    return problem


def keep_answer(tenant_id: int, problem: str, *, now: datetime) -> None:
    """Store the vendor's last answer to a tenant's app token, for admins; commits.

    The same answer is written at most once in ANSWER_IS_NEWS.
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


@dataclass(frozen=True, kw_only=True)
class Account:
    """An agent's account, read once so that no database waits for the vendor."""

    agent_id: int
    studio_email: str  # the agent's address at the vendor
    client: Client
    made_for: str  # see `made_for`
    softphone_page: str
    softphone_tenant_value: str  # what the softphone page gets as `tenant`
    hangup_url: str | None = field(repr=False)  # None without PUBLIC_URL or a readable secret
    region: str
    dial_format: DialFormat


def account_of(agent_id: int, settings: Settings) -> Account:
    """The account of one agent. Raises NotSetUpError as `client_for` does."""
    statement = select(Agent, Tenant).join(Tenant, Tenant.id == Agent.tenant_id)
    agent, tenant = db.session.execute(statement.where(Agent.id == agent_id)).one()
    whole_host = tenant.softphone_tenant is SoftphoneTenant.HOST
    return Account(
        agent_id=agent.id,
        studio_email=agent.studio_email,
        client=client_for(tenant, settings.secret_keys, agent_id=agent.id),
        made_for=made_for(
            agent.id,
            tenant.id,
            agent.studio_email,
            origin_of(tenant.api_url),
            origin_of(tenant.softphone_url),
        ),
        softphone_page=tenant.softphone_url,
        softphone_tenant_value=tenant.host if whole_host else tenant.name,
        hangup_url=webhook_secrets.address("hangup.hangup", tenant),
        region=tenant.region,
        dial_format=tenant.dial_format,
    )


def made_for(agent_id: int, tenant_id: int, email: str, *origins: str) -> str:
    """The agent and the only origins that get the key; a telephony session is bound to these.

    They are those of the API and of the softphone page. When an admin changes one, a new session is
    made.
    """
    return secret_box.digest(" ".join([str(agent_id), str(tenant_id), email, *origins]))[:32]
