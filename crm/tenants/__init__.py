"""Tenants: making and changing them, and encrypting their app tokens.

Used by the settings pages, `flask tenant` and the demo. Nothing here commits: the caller does,
so that a tenant and its token are saved together or not at all.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select

from crm import secret_box
from crm.callcenterstudio import origin_of
from crm.extensions import db
from crm.models import Agent, DialFormat, NewestSession, SoftphoneTenant, Tenant, utc_now
from crm.tenants import checks
from crm.tenants.checks import Problems

#: Where the softphone page most likely is. Inferred from public clients, not confirmed: the
#: vendor publishes no address, so each tenant can have its own.
DEFAULT_SOFTPHONE_URL = "https://softphone.alo-tech.com/generic/sso/"
DEFAULT_DOMAIN = "callcenterstudio.com"


class InvalidTenantError(ValueError):
    """Something about a tenant cannot be used; `problems` has a sentence for each such field."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class TenantData:
    """The values to set. None keeps the tenant's value; a new tenant gets the default.

    An empty host or address means its default.
    """

    host: str | None = None  # full host name; default: <name>.callcenterstudio.com
    api_url: str | None = None  # default: https://<host>/api/
    softphone_url: str | None = None  # the softphone page without tenant and session
    softphone_tenant: str | None = None  # "host" or "name"
    softphone_unsandboxed: bool | None = None  # the softphone page may navigate the CRM's window
    timezone: str | None = None  # IANA name
    region: str | None = None  # two letters
    dial_format: str | None = None  # "national" or "e164"
    reconcile: bool | None = None  # whether recent CDRs are read every few minutes
    app_token: str | None = field(default=None, repr=False)  # plain text; stored encrypted


def all_tenants() -> list[Tenant]:
    """All tenants by name."""
    return list(db.session.scalars(select(Tenant).order_by(Tenant.name)))


def by_name(name: str) -> Tenant | None:
    """The tenant of this name, or None."""
    return db.session.scalar(select(Tenant).where(Tenant.name == name.strip().lower()))


def softphone_is_unsandboxed(tenant_id: int) -> bool:
    """Whether the softphone page of this tenant may navigate the CRM's window."""
    statement = select(Tenant.softphone_unsandboxed).where(Tenant.id == tenant_id)
    return bool(db.session.scalar(statement))


def default_host(name: str) -> str:
    """The host that the vendor gives a tenant of this name (vendor's guide)."""
    return f"{name.strip().lower()}.{DEFAULT_DOMAIN}"


def default_api_url(host: str) -> str:
    """The API's address on a tenant's host (vendor's wiki, page "Click 2 Call")."""
    return f"https://{host}/api/"


def set_tenant(name: str, data: TenantData, *, secret_key: str) -> Tenant:
    """Make the tenant `name` or change it.

    Raises InvalidTenantError with a sentence for each field that cannot be used, and changes
    nothing then. The API address follows a new host unless it was set to something else. If keys
    would go to another origin, the app token must be given again: somebody who only has an admin's
    login must not have the stored token sent to an address of their own.
    """
    problems: Problems = {}
    name = checks.name(name, problems)
    tenant = by_name(name) or _new(name)
    values = _checked_values(tenant, name, data, problems)
    if data.app_token is not None:
        checks.app_token(data.app_token, problems)
    if tenant.app_token_sealed and data.app_token is None and not problems:
        for column in ("api_url", "softphone_url"):
            new = values.get(column) or getattr(tenant, column)
            if origin_of(new) != origin_of(getattr(tenant, column)):
                problems["app_token"] = _(
                    "Enter the app token again: keys would be sent to %(origin)s from now on.",
                    origin=origin_of(new),
                )
    if problems:
        raise InvalidTenantError(problems)
    db.session.add(tenant)
    addresses = (tenant.api_url, tenant.softphone_url)
    for column, value in values.items():
        setattr(tenant, column, value)
    if addresses != (tenant.api_url, tenant.softphone_url):  # telephony sessions are bound to them
        theirs = select(Agent.id).where(Agent.tenant_id == tenant.id).scalar_subquery()
        db.session.execute(delete(NewestSession).where(NewestSession.agent_id.in_(theirs)))
    if data.softphone_unsandboxed is not None:
        tenant.softphone_unsandboxed = data.softphone_unsandboxed
    if data.reconcile is not None:
        tenant.reconcile = data.reconcile
    if data.app_token is not None:
        set_app_token(tenant, data.app_token, secret_key=secret_key)
    db.session.flush()
    return tenant


def set_app_token(
    tenant: Tenant, app_token: str, *, secret_key: str, now: datetime | None = None
) -> None:
    """Replace the tenant's app token; it is encrypted with `secret_key` and never shown again.

    Raises InvalidTenantError when it holds spaces or is longer than keys of the vendor can be.
    """
    problems: Problems = {}
    app_token = checks.app_token(app_token, problems)
    if problems:
        raise InvalidTenantError(problems)
    tenant.app_token_sealed = secret_box.seal(app_token, key=secret_key)
    tenant.app_token_set_at = now or utc_now()


def new_hook_secret() -> str:
    """The secret part of a tenant's webhook addresses: 256 random bits."""
    return secrets.token_urlsafe(32)


def rotate_hook_secret(tenant: Tenant) -> None:
    """Give the webhooks new addresses; the old ones stop working at once."""
    tenant.hook_secret = new_hook_secret()


def _new(name: str) -> Tenant:
    host = default_host(name)
    return Tenant(
        name=name,
        host=host,
        api_url=default_api_url(host),
        softphone_url=DEFAULT_SOFTPHONE_URL,
        softphone_tenant=SoftphoneTenant.HOST,
        timezone="Europe/Istanbul",
        region="TR",
        dial_format=DialFormat.NATIONAL,
        hook_secret=new_hook_secret(),
    )


def _checked_values(
    tenant: Tenant, name: str, data: TenantData, problems: Problems
) -> dict[str, str]:
    """The given values as they are stored, by column. Sentences about bad ones go to `problems`."""
    defaults = {"host": default_host(name), "softphone_url": DEFAULT_SOFTPHONE_URL}
    values: dict[str, str] = {}
    for column, check in checks.BY_COLUMN.items():
        given = getattr(data, column)
        if given == "":
            given = defaults.get(column, "")
        if given is not None:
            values[column] = check(given, problems)
    # A default API address follows the host. A form that sends it back unchanged does not set it.
    api_url = values.get("api_url")
    is_default = tenant.api_url == default_api_url(tenant.host)
    if api_url == "" or (is_default and api_url in (None, tenant.api_url)):
        values["api_url"] = default_api_url(values.get("host", tenant.host))
    return values
