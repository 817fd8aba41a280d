"""Who is logged in: a snapshot of the agent and the tenant, read with one query a request.

Flask-Login keeps `<id>:<login_version>` in the cookie; a password change or a deactivation raises
the version in the database, and every older login is nobody's from that moment on.
"""

from dataclasses import dataclass, field
from typing import Any

from flask_login import UserMixin
from sqlalchemy import select

from crm.callcenterstudio.softphone import origin_of
from crm.extensions import db, login_manager
from crm.models import Agent, Role, Tenant


@dataclass(frozen=True, kw_only=True)
class CurrentAgent(UserMixin):  # type: ignore[misc]
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
    softphone_origin: str = field(default="")

    @property
    def is_admin(self) -> bool:
        """Whether settings may be changed."""
        return self.role is Role.ADMIN

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return f"{self.id}:{self.login_version}"


_SNAPSHOT = select(
    Agent.id,
    Agent.name,
    Agent.email,
    Agent.role,
    Agent.locale,
    Agent.pop_opens_contact,
    Agent.login_version,
    Agent.tenant_id,
    Tenant.name.label("tenant_name"),
    Tenant.timezone,
    Tenant.region,
    Tenant.softphone_url,
).join(Tenant, Tenant.id == Agent.tenant_id)


@login_manager.user_loader
def load(cookie_id: str) -> CurrentAgent | None:
    """The agent behind a login cookie, or None when that login has ended."""
    agent_id, _, version = cookie_id.partition(":")
    if not agent_id.isdigit() or not version.isdigit():
        return None
    statement = _SNAPSHOT.where(Agent.id == int(agent_id), Agent.active.is_(True))
    row = db.session.execute(statement).mappings().first()
    if row is None or row["login_version"] != int(version):
        return None
    return snapshot(dict(row))


def snapshot(row: dict[str, Any]) -> CurrentAgent:
    """Build the snapshot from a row of `_SNAPSHOT`."""
    origin = origin_of(row.pop("softphone_url"))
    return CurrentAgent(**row, softphone_origin=origin)


def of(agent: Agent) -> CurrentAgent:
    """The snapshot of an agent who logs in this moment."""
    row = db.session.execute(_SNAPSHOT.where(Agent.id == agent.id)).mappings().one()
    return snapshot(dict(row))
