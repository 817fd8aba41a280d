"""Creating, changing, deleting and restoring contacts, with their search text.

Used by the contacts pages and the demo's seed. The functions flush and do not commit. A page that
gives a contact a number also lets it claim earlier calls (`crm.calls.claim_calls`).
"""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy import delete as sql_delete

from crm.contacts import numbers, search_text
from crm.contacts.numbers import Number
from crm.extensions import db
from crm.models import Contact, ContactCalls, ContactEntry, utc_now
from crm.models.locking import take_write_lock


class ContactNotFound(LookupError):  # noqa: N818 - says what happened
    """There is no such contact, or it has been deleted."""


class ChangedMeanwhile(RuntimeError):  # noqa: N818 - says what happened
    """Somebody else has changed the contact since it was read; nothing has been written."""


@dataclass(frozen=True, kw_only=True)
class ContactData:
    """The data that people enter for a contact. Numbers are in the order of their display."""

    name: str
    company: str = ""
    email: str = ""
    notes: str = ""
    numbers: tuple[Number, ...] = ()


def get(contact_id: int) -> Contact | None:
    """Return a contact; None when it is unknown or deleted."""
    return db.session.scalar(_by_id(contact_id).where(Contact.deleted_at.is_(None)))


def get_deleted(contact_id: int) -> Contact | None:
    """Return a contact that was deleted and can be restored."""
    deleted = (Contact.deleted_at.is_not(None), Contact.merged_into_id.is_(None))
    return db.session.scalar(_by_id(contact_id).where(*deleted))


def create(data: ContactData, *, region: str) -> Contact:
    """Make a contact. `region` ("TR") is the country of numbers without a country code.

    Raises NumbersRefused.
    """
    contact = Contact()
    _write(contact, data, region)
    db.session.add(contact)
    db.session.flush()
    return contact


def update(
    contact_id: int, data: ContactData, *, region: str, version: int | None = None
) -> Contact:
    """Change a contact. `version` is the one that was read before; None overwrites any.

    Raises ContactNotFound, ChangedMeanwhile, NumbersRefused; nothing is written then.
    """
    contact = _to_change(contact_id)
    if version is not None and contact.version != version:
        raise ChangedMeanwhile
    _write(contact, data, region)
    contact.version += 1
    db.session.flush()
    return contact


def add_number(contact_id: int, raw: str, *, region: str, label: str = "") -> Contact:
    """Add a number after the others. One that the contact has already is no error.

    Raises ContactNotFound, NumbersRefused.
    """
    contact = _to_change(contact_id)
    if numbers.append(contact, Number(raw, label), region):
        search_text.refresh(contact)
        contact.version += 1
        db.session.flush()
    return contact


def delete(contact_id: int) -> Contact:
    """Remove a contact from every list, search and pop; `restore` undoes it.

    Raises ContactNotFound, for one that is deleted already as well.
    """
    contact = _to_change(contact_id)
    contact.deleted_at = utc_now()
    search_text.refresh(contact)
    db.session.flush()
    return contact


def restore(contact_id: int) -> Contact:
    """Bring a deleted contact back as it was; one that is not deleted stays as it is.

    Raises ContactNotFound when there is none, or it was merged into another.
    """
    take_write_lock()
    contact: Contact | None = db.session.scalar(_to_lock(contact_id))
    if contact is None or contact.merged_into_id is not None:
        raise ContactNotFound
    contact.deleted_at = None
    search_text.refresh(contact)
    db.session.flush()
    return contact


def leave_nothing_of(contact: Contact, *, merged_into_id: int) -> None:
    """Empty a contact that cannot come back. Its row keeps only its id and `merged_into_id`."""
    contact.merged_into_id, contact.deleted_at = merged_into_id, utc_now()
    contact.name = contact.company = contact.email = contact.notes = ""
    for table in (ContactCalls, ContactEntry):
        db.session.execute(sql_delete(table).where(table.contact_id == contact.id))
    contact.phone_numbers = []
    contact.version += 1
    search_text.refresh(contact)


def _by_id(contact_id: int) -> Select[Contact]:
    return select(Contact).where(Contact.id == contact_id)


def _to_lock(contact_id: int) -> Select[Contact]:
    """Read again, and locked: if two save at once, the second must see what the first wrote."""
    return _by_id(contact_id).with_for_update().execution_options(populate_existing=True)


def _to_change(contact_id: int) -> Contact:
    take_write_lock()
    contact: Contact | None = db.session.scalar(_to_lock(contact_id))
    if contact is None or contact.deleted_at is not None:
        raise ContactNotFound
    return contact


def _write(contact: Contact, data: ContactData, region: str) -> None:
    numbers.replace(contact, data.numbers, region)  # first: it may refuse
    contact.name = data.name
    contact.company = data.company
    contact.email = data.email
    contact.notes = data.notes
    search_text.refresh(contact)
