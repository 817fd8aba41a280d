"""Tenants: making and changing them, checking what was typed, keeping the app token sealed.

Used by the settings pages, `flask tenant` and the demo. Nothing here commits: the caller does,
so that a tenant and its token are saved together or not at all.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select

from crm import secret_box
from crm.callcenterstudio.softphone import origin_of
from crm.extensions import db
from crm.models import Agent, DialFormat, NewestSession, SoftphoneTenant, Tenant, utc_now
from crm.tenants import checks
from crm.tenants.checks import InvalidTenantError, Problems

__all__ = [
    "DEFAULT_SOFTPHONE_URL",
    "InvalidTenantError",
    "TenantData",
    "all_tenants",
    "by_name",
    "default_api_url",
    "default_host",
    "new_hook_secret",
    "rotate_hook_secret",
    "set_app_token",
    "set_tenant",
    "softphone_is_unsandboxed",
]

#: Where the softphone page most likely is. Inferred from public clients, not confirmed: the
#: vendor publishes no address, so each tenant can have its own.
DEFAULT_SOFTPHONE_URL = "https://softphone.alo-tech.com/generic/sso/"
DEFAULT_DOMAIN = "callcenterstudio.com"


@dataclass(frozen=True, kw_only=True)
class TenantData:
    """What to set; None keeps what a tenant has and gives a new one the default.

    An empty host or address means its default.

    host: full host name, `<name>.callcenterstudio.com` by default. api_url: `https://<host>/api/`
    by default. softphone_url: the softphone page without tenant and session. softphone_tenant:
    "host" or "name". timezone: IANA name. region: two letters. dial_format: "national" or "e164".
    softphone_unsandboxed: whether the softphone page may lead the CRM's window elsewhere.
    reconcile: whether the records of its last hours are read by itself, every few minutes.
    app_token: plain text, sealed before it is stored.
    """

    host: str | None = None
    api_url: str | None = None
    softphone_url: str | None = None
    softphone_tenant: str | None = None
    softphone_unsandboxed: bool | None = None
    timezone: str | None = None
    region: str | None = None
    dial_format: str | None = None
    reconcile: bool | None = None
    app_token: str | None = field(default=None, repr=False)


def all_tenants() -> list[Tenant]:
    """All tenants by name."""
    return list(db.session.scalars(select(Tenant).order_by(Tenant.name)))


def by_name(name: str) -> Tenant | None:
    """The tenant of this name, or None."""
    return db.session.scalar(select(Tenant).where(Tenant.name == name.strip().lower()))


def softphone_is_unsandboxed(tenant_id: int) -> bool:
    """Whether the softphone page of this tenant may lead the CRM's window elsewhere."""
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

    Raises InvalidTenantError with a sentence for each field that cannot be used; nothing is changed
    then. A new host takes the API address along unless that was set to something else. Where keys
    are sent to another origin from now on, the app token has to be given again: whoever has only
    an admin's login must not have the stored one sent to an address of their own.
    """
    problems: Problems = {}
    name = checks.name(name, problems)
    tenant = by_name(name) or _new(name)
    values = _checked(_with_defaults(name, data), problems)
    _take_api_url_along(tenant, values)
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
    """What makes the addresses of a tenant's webhooks unguessable: 256 random bits."""
    return secrets.token_urlsafe(32)


def rotate_hook_secret(tenant: Tenant) -> None:
    """Give the webhooks new addresses; what is sent to the old ones from now on is not taken."""
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


def _with_defaults(name: str, data: TenantData) -> TenantData:
    """Empty addresses become their defaults."""
    host = default_host(name) if data.host == "" else data.host
    page = DEFAULT_SOFTPHONE_URL if data.softphone_url == "" else data.softphone_url
    return replace(data, host=host, softphone_url=page)


def _take_api_url_along(tenant: Tenant, values: dict[str, str]) -> None:
    """A default API address follows the host; a form that sends it back unchanged does not count
    as setting it.
    """
    host = values.get("host", tenant.host)
    is_default = tenant.api_url == default_api_url(tenant.host)
    given = values.get("api_url")
    if given == "" or (is_default and given in (None, tenant.api_url)):
        values["api_url"] = default_api_url(host)


def _checked(data: TenantData, problems: Problems) -> dict[str, str]:
    """The given values in the form they are stored in; what is wrong goes to `problems`."""
    values: dict[str, str] = {}
    for column, check in checks.BY_COLUMN.items():
        given = getattr(data, column)
        if given is not None:
            values[column] = check(given, problems)
    if data.app_token is not None:
        checks.app_token(data.app_token, problems)
    return values
