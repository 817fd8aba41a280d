"""`/settings`: pages for admins, and "My settings" for everybody. One file for each page."""

from crm.pages.settings import (
    agents,
    checks,
    imports,
    me,
    notifications,
    overview,
    retention,
    tenants,
    work,
    wrap_up,
)
from crm.pages.settings.blueprint import blueprint

__all__ = [
    "agents",
    "blueprint",
    "checks",
    "imports",
    "me",
    "notifications",
    "overview",
    "retention",
    "tenants",
    "work",
    "wrap_up",
]
