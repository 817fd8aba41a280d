"""The logged-in agent: a snapshot of agent and tenant, read with one query a request.

Flask-Login keeps the token of the login in the cookie (`crm.logins`). Once that row is deleted,
every copy of the cookie is worthless.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from flask import Response, after_this_request
from flask import session as flask_session
from flask_login import UserMixin, current_user, login_user
from sqlalchemy import bindparam, select

from crm import logins, secret_box, tenants
from crm.callcenterstudio import origin_of
from crm.extensions import db, login_manager
from crm.models import Agent, Login, Role, Tenant, utc_now


@dataclass(frozen=True)
class CurrentAgent(UserMixin):
    """The logged-in agent, with the fields that pages need; login_id: this request's login."""

    id: int
    name: str
    email: str
    role: Role
    locale: str | None
    pop_opens_contact: bool
    ring_sound: bool
    tenant_id: int
    tenant_name: str
    timezone: str
    region: str
    wrap_up_seconds: int | None
    studio_email: str
    login_id: int
    login_seen_at: datetime
    has_softphone: bool | None
    api_origin: str
    softphone_origin: str
    token: str = field(repr=False)

    @property
    def is_admin(self) -> bool:
        """Whether settings may be changed."""
        return self.role is Role.ADMIN

    @property
    def seen_tenants(self) -> tuple[int, ...] | None:
        """The tenants whose calls this person may read about: agents their own, admins all (None).

        Everything that shows calls, or anything about them, checks this.
        """
        return None if self.is_admin else (self.tenant_id,)

    def sees(self, tenant_id: int) -> bool:
        """Whether this person may read about the calls of a tenant."""
        return self.seen_tenants is None or tenant_id in self.seen_tenants

    def tenants_seen(self) -> list[int]:
        """The ids of `seen_tenants`, with those of all tenants for admins."""
        if self.seen_tenants is not None:
            return [*self.seen_tenants]
        return [tenant.id for tenant in tenants.all_tenants()]

    def get_id(self) -> str:
        """The value that Flask-Login stores in the cookie."""
        return self.token


# Tables, not objects, and built once: every request runs this. The columns are in the order of
# CurrentAgent's fields.
_origin_of = lru_cache(origin_of)  # a few tenants' addresses
_AGENT, _TENANT, _LOGIN = Agent.__table__.c, Tenant.__table__.c, Login.__table__.c
_SNAPSHOT = (
    select(
        _AGENT.id,
        _AGENT.name,
        _AGENT.email,
        _AGENT.role,
        _AGENT.locale,
        _AGENT.pop_opens_contact,
        _AGENT.ring_sound,
        _AGENT.tenant_id,
        _TENANT.name,
        _TENANT.timezone,
        _TENANT.region,
        _TENANT.wrap_up_seconds,
        _AGENT.studio_email,
        _LOGIN.id,
        _LOGIN.last_seen_at,
        _LOGIN.has_softphone,
        _TENANT.api_url,
        _TENANT.softphone_url,
    )
    .join_from(Login.__table__, Agent.__table__, _AGENT.id == _LOGIN.agent_id)
    .join(Tenant.__table__, _TENANT.id == _AGENT.tenant_id)
    .where(
        _LOGIN.digest == bindparam("digest"),
        _LOGIN.ends_at > bindparam("now"),
        _AGENT.active.is_(True),
    )
)


@login_manager.user_loader
def load(token: str) -> CurrentAgent | None:
    """The agent behind a login's token, or None when that login has ended."""
    now = utc_now()
    asked = {"digest": secret_box.digest(token), "now": now}
    row = db.session.execute(_SNAPSHOT, asked).first()
    if row is None:
        return None
    agent = CurrentAgent(*row[:-2], *map(_origin_of, row[-2:]), token)
    if agent.login_seen_at <= now - logins.SEEN_EVERY:

        @after_this_request
        def note_seen(answer: Response) -> Response:
            logins.note_seen(agent.login_id, now=now)
            return answer

    return agent


def log_in(token: str) -> None:
    """Set the cookie of a login that has just been stored."""
    login_user(load(token))
    flask_session.permanent = True


def get() -> CurrentAgent:
    """The snapshot itself, for views that deny anonymous visitors.

    Flask-Login's `current_user` is a proxy, which looks it up again for every attribute.
    """
    agent: CurrentAgent = current_user._get_current_object()
    return agent
