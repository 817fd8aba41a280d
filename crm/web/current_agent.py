"""Who is logged in: a snapshot of the agent and the tenant, read with one query a request.

Flask-Login keeps `<id>:<login_version>` in the cookie; a password change or a deactivation raises
the version in the database, and every older login is nobody's from that moment on.
"""

from dataclasses import dataclass
from functools import lru_cache

from flask_login import UserMixin, current_user
from sqlalchemy import bindparam, select

from crm import tenants
from crm.callcenterstudio.softphone import origin_of
from crm.extensions import db, login_manager
from crm.models import Agent, Role, Tenant


@dataclass(frozen=True)
class CurrentAgent(UserMixin):
    """The logged-in agent, as much of it as pages need."""

    id: int
    name: str
    email: str
    role: Role
    locale: str | None
    pop_opens_contact: bool
    login_version: int
    tenant_id: int
    tenant_name: str
    timezone: str
    region: str
    api_origin: str
    softphone_origin: str

    @property
    def is_admin(self) -> bool:
        """Whether settings may be changed."""
        return self.role is Role.ADMIN

    def tenants_seen(self) -> list[int]:
        """The tenants whose calls this person may read about: agents their own, admins all."""
        if not self.is_admin:
            return [self.tenant_id]
        return [tenant.id for tenant in tenants.all_tenants()]

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return f"{self.id}:{self.login_version}"


# Tables, not objects, and put together once: every request runs this. The columns stand in the
# order of CurrentAgent's fields.
_origin_of = lru_cache(origin_of)  # a few tenants' addresses
_AGENT, _TENANT = Agent.__table__.c, Tenant.__table__.c
_SNAPSHOT = (
    select(
        _AGENT.id,
        _AGENT.name,
        _AGENT.email,
        _AGENT.role,
        _AGENT.locale,
        _AGENT.pop_opens_contact,
        _AGENT.login_version,
        _AGENT.tenant_id,
        _TENANT.name,
        _TENANT.timezone,
        _TENANT.region,
        _TENANT.api_url,
        _TENANT.softphone_url,
    )
    .join_from(Agent.__table__, Tenant.__table__, _TENANT.id == _AGENT.tenant_id)
    .where(_AGENT.id == bindparam("agent_id"), _AGENT.active.is_(True))
)


@login_manager.user_loader
def load(cookie_id: str) -> CurrentAgent | None:
    """The agent behind a login cookie, or None when that login has ended."""
    agent_id, _, version = cookie_id.partition(":")
    if not agent_id.isdigit() or not version.isdigit():
        return None
    agent = _read(int(agent_id))
    return agent if agent is not None and agent.login_version == int(version) else None


def of(agent: Agent) -> CurrentAgent:
    """The snapshot of an agent who logs in this moment."""
    snapshot = _read(agent.id)
    if snapshot is None:
        raise LookupError(f"agent {agent.id} is not active")
    return snapshot


def get() -> CurrentAgent:
    """Who is logged in, in a view that denies anonymous visitors: the snapshot itself.

    Flask-Login's `current_user` stands for it and looks it up again at every attribute.
    """
    agent: CurrentAgent = current_user._get_current_object()
    return agent


def _read(agent_id: int) -> CurrentAgent | None:
    row = db.session.execute(_SNAPSHOT, {"agent_id": agent_id}).first()
    return CurrentAgent(*row[:-2], *map(_origin_of, row[-2:])) if row is not None else None
