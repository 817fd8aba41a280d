"""`/contacts`: the pages that find, show and change contacts."""

from crm.pages.contacts import changes, erase, lists, merge, pages
from crm.pages.contacts.blueprint import blueprint

__all__ = ["blueprint", "changes", "erase", "lists", "merge", "pages"]
