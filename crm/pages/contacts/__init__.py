"""`/contacts`: finding people, showing one, writing down what is known about them."""

from crm.pages.contacts import changes, erase, lists, merge, pages
from crm.pages.contacts.blueprint import blueprint

__all__ = ["blueprint", "changes", "erase", "lists", "merge", "pages"]
