"""Makes one contact of two: numbers, notes and calls of the one move to the other.

`crm.pages.contacts.merge` shows `preview` before `merge`. Everything flushes, nothing commits.
"""

from dataclasses import dataclass

from sqlalchemy import select, update

from crm.calls.ties import move_calls
from crm.contacts import numbers, search_text
from crm.contacts.changes import ChangedMeanwhile, ContactNotFound, leave_nothing_of
from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.models.locking import take_write_lock


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What the one contact will be. What it has itself stays; what it lacks the other gives.

    notes: of both, and what of the other would be lost. added: numbers that come from the other.
    """

    name: str
    company: str
    email: str
    notes: str
    numbers: tuple[PhoneNumber, ...]
    added: tuple[PhoneNumber, ...]


def preview(keep: Contact, other: Contact) -> Merged:
    """What `keep` will be once `other` is merged into it; changes nothing."""
    known = {numbers.identity(number) for number in keep.phone_numbers}
    added = tuple(number for number in other.phone_numbers if numbers.identity(number) not in known)
    return Merged(
        name=keep.name,
        company=keep.company or other.company,
        email=keep.email or other.email,
        notes=_notes(keep, other),
        numbers=(*keep.phone_numbers, *added),
        added=added,
    )


def merge(keep_id: int, other_id: int, *, versions: tuple[int, int] | None = None) -> Contact:
    """Merge the other contact into the one that is kept.

    versions: of the two, as they were shown; None merges whatever they are now. Raises
    ContactNotFound, also when both are the same, and ChangedMeanwhile; nothing is written then.
    """
    keep, other = _both(keep_id, other_id)
    if versions is not None and versions != (keep.version, other.version):
        raise ChangedMeanwhile
    will_be = preview(keep, other)
    for number in will_be.added:
        numbers.take_over(keep, number)
    keep.company, keep.email, keep.notes = will_be.company, will_be.email, will_be.notes
    keep.version += 1
    search_text.refresh(keep)
    _leave_the_way(other, keep)
    db.session.flush()
    move_calls(other_id, keep_id)
    return keep


def survivor_of(contact_id: int) -> Contact | None:
    """Whom a contact was merged into; None for one that was not."""
    statement = select(Contact.merged_into_id).where(
        Contact.id == contact_id, Contact.merged_into_id != Contact.id
    )
    merged_into_id = db.session.scalar(statement)
    return db.session.get(Contact, merged_into_id) if merged_into_id is not None else None


def _both(keep_id: int, other_id: int) -> tuple[Contact, Contact]:
    """Both, locked in order of id so that no two merges cross."""
    take_write_lock()
    statement = select(Contact).where(
        Contact.id.in_((keep_id, other_id)), Contact.deleted_at.is_(None)
    )
    fresh = statement.order_by(Contact.id).with_for_update()
    locked = fresh.execution_options(populate_existing=True)
    found = {contact.id: contact for contact in db.session.scalars(locked)}
    if len(found) != 2:  # noqa: PLR2004 - both
        raise ContactNotFound
    return found[keep_id], found[other_id]


def _notes(keep: Contact, other: Contact) -> str:
    pairs = ((keep.name, other.name), (keep.company, other.company), (keep.email, other.email))
    lost = [theirs for ours, theirs in pairs if theirs and ours and theirs != ours]
    notes = [keep.notes, ", ".join(lost), other.notes if other.notes != keep.notes else ""]
    return "\n\n".join(text for text in notes if text.strip())


def _leave_the_way(other: Contact, keep: Contact) -> None:
    """Nothing is left of the other but its id and where it leads, also of those merged before."""
    before = update(Contact).where(Contact.merged_into_id == other.id)
    db.session.execute(before.values(merged_into_id=keep.id, updated_at=Contact.updated_at))
    leave_nothing_of(other, merged_into_id=keep.id)
