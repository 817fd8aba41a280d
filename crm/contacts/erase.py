"""Erases a contact for good: the contact and its numbers go, its calls keep their figures.

Admins do it (`crm.pages.contacts.erase`). A deleted contact can be erased as well; nothing brings
an erased one back. Everything flushes, nothing commits.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from crm.calls.erase import count_calls_of, erase_calls
from crm.contacts.changes import ContactNotFound, leave_nothing_of
from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.models.locking import take_write_lock


@dataclass(frozen=True)
class Erasure:
    """What goes when a contact is erased. shared: normal forms that another contact has too.

    calls: how many lose the person; those of a shared number that are nobody's stay as they are.
    """

    contact: Contact
    shared: list[str]
    calls: int


def what_goes(contact_id: int) -> Erasure | None:
    """What erasing would do; None when there is no such contact, deleted or not."""
    contact: Contact | None = db.session.scalar(
        select(Contact).where(Contact.id == contact_id, Contact.merged_into_id.is_(None))
    )
    if contact is None:
        return None
    numbers = _numbers_of(contact)
    shared = _shared(contact_id, numbers)
    return Erasure(contact, sorted(shared), count_calls_of(contact_id, numbers - shared))


def erase(contact_id: int, *, now: datetime) -> int:
    """Erase a contact; how many calls have lost their person. Raises ContactNotFound."""
    take_write_lock()
    statement = select(Contact).where(Contact.id == contact_id, Contact.merged_into_id.is_(None))
    locked = statement.with_for_update().execution_options(populate_existing=True)
    contact: Contact | None = db.session.scalar(locked)
    if contact is None:
        raise ContactNotFound
    numbers = _numbers_of(contact)
    erased = erase_calls(contact_id, numbers - _shared(contact_id, numbers), now=now)
    db.session.execute(delete(Contact).where(Contact.merged_into_id == contact_id))
    _remove(contact)
    return erased


def _remove(contact: Contact) -> None:
    """Delete the row. The newest one stays without a word in it until the next erasure: SQLite
    would give its id to the next contact, and pages that are open would mean that one.
    """
    newest = db.session.scalar(select(func.max(Contact.id)))
    empty = (Contact.merged_into_id == Contact.id, Contact.id < newest)
    db.session.execute(delete(Contact).where(*empty))
    if contact.id == newest:
        leave_nothing_of(contact, merged_into_id=contact.id)
    else:
        db.session.delete(contact)
    db.session.flush()


def _numbers_of(contact: Contact) -> set[str]:
    return {number.normal_form for number in contact.phone_numbers if number.normal_form}


def _shared(contact_id: int, numbers: set[str]) -> set[str]:
    """The numbers that another contact has too, also one that was deleted and may come back."""
    statement = select(PhoneNumber.normal_form).where(
        PhoneNumber.normal_form.in_(numbers), PhoneNumber.contact_id != contact_id
    )
    return set(db.session.scalars(statement))
