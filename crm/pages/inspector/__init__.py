"""`/settings/inspector`, for admins: the integration at work, call by call. docs/inspector.md."""

from crm.pages.inspector import export, pages, replays
from crm.pages.inspector.blueprint import blueprint

__all__ = ["blueprint", "export", "pages", "replays"]
