"""`/settings`: tenants and agents for admins, "My settings" for everybody. One file a noun."""

from crm.web.settings import agents, me, overview, tenants
from crm.web.settings.blueprint import blueprint

__all__ = ["agents", "blueprint", "me", "overview", "tenants"]
