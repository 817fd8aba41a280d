"""Filling the search for contacts that were loaded in bulk, or after its rules have changed.

Called by the demo's seed, the benchmark and `flask` commands, never by a page.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, select, text, update

from crm.contacts.listing import sort_name_of
from crm.contacts.search_text import search_text_of
from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.models.locking import take_write_lock

BATCH = 5_000

_TRIGGERS = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'contact_search_%'"
)
_CONTACTS = (
    select(Contact.id, Contact.name, Contact.company, Contact.email, Contact.deleted_at)
    .where(Contact.id > bindparam("after"))
    .order_by(Contact.id)
    .limit(BATCH)
)
_NUMBERS = (
    select(PhoneNumber.contact_id, PhoneNumber.normal_form)
    .where(PhoneNumber.contact_id.between(bindparam("first"), bindparam("last")))
    .order_by(PhoneNumber.contact_id, PhoneNumber.position, PhoneNumber.id)
)
_UPDATE = (
    update(Contact.__table__)
    .where(Contact.__table__.c.id == bindparam("contact_id"))
    .values(
        search_text=bindparam("search_text"),
        sort_name=bindparam("sort_name"),
        updated_at=Contact.__table__.c.updated_at,
    )
)


def rebuild_search() -> int:
    """Write the search text of every contact anew and the index with it; return how many.

    Load contacts with an empty `search_text` first, then call this once: filling SQLite's index
    in one go is several times faster than row by row. Memory stays flat. Does not commit.
    """
    sqlite = db.engine.dialect.name == "sqlite"
    take_write_lock()  # from here on all or nothing: the triggers come back if anything fails
    triggers = _take_triggers_off() if sqlite else []
    written = sum(_write(texts) for texts in _batches())
    if sqlite:
        db.session.execute(text("INSERT INTO contact_search(contact_search) VALUES ('rebuild')"))
    for statement in triggers:
        db.session.execute(text(statement))
    return written


def _take_triggers_off() -> list[str]:
    """Drop the triggers that fill SQLite's index and return how to make them again."""
    found = db.session.execute(_TRIGGERS).all()
    for name, _statement in found:
        db.session.execute(text(f"DROP TRIGGER {name}"))
    return [statement for _name, statement in found]


def _batches() -> Iterator[list[dict[str, Any]]]:
    """The new texts of all contacts, some thousands at a time."""
    last = 0
    while contacts := db.session.execute(_CONTACTS, {"after": last}).all():
        numbers = _numbers(contacts[0].id, contacts[-1].id)
        yield [_texts(contact, numbers.get(contact.id, [])) for contact in contacts]
        last = contacts[-1].id


def _numbers(first: int, last: int) -> dict[int, list[str]]:
    numbers: dict[int, list[str]] = defaultdict(list)
    for contact_id, normal_form in db.session.execute(_NUMBERS, {"first": first, "last": last}):
        numbers[contact_id].append(normal_form)
    return numbers


def _texts(contact: Any, numbers: list[str]) -> dict[str, Any]:
    words = search_text_of(contact.name, contact.company, contact.email, numbers)
    return {
        "contact_id": contact.id,
        "search_text": "" if contact.deleted_at else words,
        "sort_name": sort_name_of(contact.name),
    }


def _write(texts: list[dict[str, Any]]) -> int:
    # On the connection: a million objects need not know of it, and `updated_at` stays as it is.
    db.session.connection().execute(_UPDATE, texts)
    return len(texts)
