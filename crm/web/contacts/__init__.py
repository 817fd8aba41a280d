"""`/contacts`: finding people, showing one, writing down what is known about them."""

from crm.web.contacts import changes, erase, lists, merge, pages
from crm.web.contacts.blueprint import blueprint

__all__ = ["blueprint", "changes", "erase", "lists", "merge", "pages"]
