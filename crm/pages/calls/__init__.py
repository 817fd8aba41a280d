"""All pages of calls: the log with its filters and exports, one call, a contact's timeline."""

from crm.pages.calls import detail, export, log, notes
from crm.pages.calls.blueprint import blueprint

__all__ = ["blueprint", "detail", "export", "log", "notes"]
