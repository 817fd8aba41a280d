"""`/contacts`: the pages that find, show and change contacts."""

from crm.pages.contacts import changes, erase, export, lists, merge, pages, timeline
from crm.pages.contacts.blueprint import blueprint

__all__ = ["blueprint", "changes", "erase", "export", "lists", "merge", "pages", "timeline"]
