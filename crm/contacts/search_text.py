"""The text that search reads: what it holds, and keeping it with the contact.

The database keeps the index in step with this text (triggers on SQLite, the index itself on
PostgreSQL), so whoever writes contacts writes this text and nothing else.
"""

from collections.abc import Iterable

from crm.contacts.folding import words
from crm.contacts.listing import sort_name_of
from crm.contacts.number_keys import keys
from crm.models import Contact


def search_text_of(name: str, company: str, email: str, normal_forms: Iterable[str]) -> str:
    """Return the words and number keys of a contact, each once, with spaces between them.

    Bulk loads fill `Contact.search_text` with it; a deleted contact's is empty.
    """
    found = words(" ".join((name, company, email)))
    for normal_form in normal_forms:
        found += keys(normal_form)
    return " ".join(dict.fromkeys(found))


def refresh(contact: Contact) -> None:
    """Fill the texts that are kept for search and for the order of lists."""
    numbers = [number.normal_form for number in contact.phone_numbers]
    contact.sort_name = sort_name_of(contact.name)
    contact.search_text = (
        ""
        if contact.deleted_at
        else search_text_of(contact.name, contact.company, contact.email, numbers)
    )
