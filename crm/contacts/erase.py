"""Erasing a contact for good, with its numbers. A deleted contact can be erased as well.

Only admins do it. `crm.pages.contacts.erase` also erases the person from the calls
(`crm.calls.erase`). The functions flush and do not commit.
"""

from dataclasses import dataclass

from sqlalchemy import delete, func, select

from crm.contacts.changes import ContactNotFound, leave_nothing_of
from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.models.locking import take_write_lock


@dataclass(frozen=True)
class Erasure:
    """What erasing a contact deletes."""

    contact: Contact
    own_numbers: set[str]  # normal forms that no other contact has: their calls are erased too
    shared: list[str]  # normal forms that another contact has as well, perhaps a deleted one


def what_goes(contact_id: int, *, lock: bool = False) -> Erasure:
    """Return what erasing would do. Raises ContactNotFound.

    lock: hold the contact until the commit, because it is going to be erased.
    """
    statement = select(Contact).where(Contact.id == contact_id, Contact.merged_into_id.is_(None))
    if lock:
        take_write_lock()
        statement = statement.with_for_update().execution_options(populate_existing=True)
    contact: Contact | None = db.session.scalar(statement)
    if contact is None:
        raise ContactNotFound
    numbers = {number.normal_form for number in contact.phone_numbers if number.normal_form}
    with_others = select(PhoneNumber.normal_form).where(
        PhoneNumber.normal_form.in_(numbers), PhoneNumber.contact_id != contact_id
    )
    shared = set(db.session.scalars(with_others))
    return Erasure(contact, numbers - shared, sorted(shared))


def erase(contact: Contact) -> None:
    """Delete a contact that `what_goes` has locked, and the ids that were merged into it.

    The newest row stays, empty, until the next erasure: SQLite would give its id to the next
    contact, and open pages would then mean that one.
    """
    newest = db.session.scalar(select(func.max(Contact.id)))
    emptied_before = (Contact.merged_into_id == Contact.id) & (Contact.id < newest)
    goes = (Contact.merged_into_id == contact.id) | emptied_before
    db.session.execute(delete(Contact).where(goes))
    if contact.id == newest:
        leave_nothing_of(contact, merged_into_id=contact.id)
    else:
        db.session.delete(contact)
    db.session.flush()
