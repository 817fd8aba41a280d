"""The CRM of the simulated day: an empty database, its tenants, agents and some contacts.

The simulator's IVR is told where to send its notifications.
"""

from collections.abc import Sequence
from random import Random

from flask_migrate import upgrade

from crm import agents, contacts, tenants
from crm.agents import AgentData
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, Role
from crm.settings import Settings
from crm.simulator.seed import Tenant
from crm.telephony import notifications
from crm.tenants import TenantData
from tests.soak import company
from tests.soak.numbers import known_numbers
from tests.soak.vendor import Vendor

SECRET_KEY = "the soak's own key, for cookies that nobody keeps"
# A customer's own names for what its IVR sends (seen in one production set-up).
NAMES = {"activecallkey": "CallID", "number": "MobilePhoneNumber", "agent_email": "AgentID"}


def move_in(
    settings: Settings, vendor: Vendor, tenants_of_it: Sequence[Tenant] = company.TENANTS
) -> None:
    """Make the tables and fill them; point the simulator's IVR at the CRM."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
        secrets = {known.name: _add_tenant(known, settings, vendor) for known in tenants_of_it}
        _add_contacts()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    for tenant, secret in secrets.items():
        url = f"{settings.public_url}/webhooks/notification/{secret}"
        method = "POST" if tenant == "second" else "GET"
        names = {name: name for name in ("queue", "duration", "disposition", "call_date")} | NAMES
        step = {"tenant": tenant, "url": url, "method": method, "names": names}
        # Raw, as curl and many IVRs send words. nginx, which speaks the TLS, refuses raw spaces.
        raw = not url.startswith("https:")
        vendor.post("notification-steps", **step, raw=raw)


def _add_tenant(known: Tenant, settings: Settings, vendor: Vendor) -> str:
    data = TenantData(
        host=known.host,
        api_url=f"{vendor.url}/api/",
        softphone_url=f"{vendor.url}/generic/sso/",
        timezone=known.timezone,
        region=company.REGIONS[known.name],
        app_token=known.app_token,
    )
    tenant = tenants.set_tenant(known.name, data, secret_key=settings.secret_key)
    notifications.set_names(tenant, NAMES)
    may_import = company.admin(known.name)
    account = AgentData(
        email=may_import.email, name=may_import.name, tenant=tenant, role=Role.ADMIN
    )
    admin = agents.add_agent(account, company.PASSWORD)
    for agent in known.agents:
        if agent == may_import:
            continue
        # All have one password, which takes a tenth of a second to hash.
        person = {"email": agent.email, "studio_email": agent.email, "name": agent.name}
        row = Agent(**person, tenant_id=tenant.id, password_hash=admin.password_hash)
        db.session.add(row)
    return tenant.hook_secret


def _add_contacts() -> None:
    """Some callers are known, each by one number."""
    for place, number in enumerate(known_numbers(Random(2))):
        data = ContactData(name=f"Caller {place}", numbers=(Number(raw=number),))
        contacts.create(data, region="TR")
