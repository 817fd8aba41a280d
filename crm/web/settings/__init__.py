"""`/settings`: tenants and agents for admins, "My settings" for everybody. One file a noun."""

from crm.web.settings import agents, imports, keeping, me, notifications, overview, tenants, work
from crm.web.settings.blueprint import blueprint

__all__ = [
    "agents",
    "blueprint",
    "imports",
    "keeping",
    "me",
    "notifications",
    "overview",
    "tenants",
    "work",
]
