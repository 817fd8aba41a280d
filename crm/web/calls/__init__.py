"""All pages of calls: the log with its filters and exports, one call, a contact's timeline."""

from crm.web.calls import detail, export, history, log, notes
from crm.web.calls.blueprint import blueprint

__all__ = ["blueprint", "detail", "export", "history", "log", "notes"]
