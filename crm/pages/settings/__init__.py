"""`/settings`: tenants and agents for admins, "My settings" for everybody. One file a noun."""

from crm.pages.settings import (
    agents,
    imports,
    me,
    notifications,
    overview,
    retention,
    tenants,
    work,
)
from crm.pages.settings.blueprint import blueprint

__all__ = [
    "agents",
    "blueprint",
    "imports",
    "me",
    "notifications",
    "overview",
    "retention",
    "tenants",
    "work",
]
