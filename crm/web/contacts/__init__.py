"""`/contacts`: finding people, showing one, writing down what is known about them."""

from crm.web.contacts import changes, lists, pages
from crm.web.contacts.blueprint import blueprint

__all__ = ["blueprint", "changes", "lists", "pages"]
