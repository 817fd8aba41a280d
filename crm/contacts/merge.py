"""Merging two contacts: numbers and notes of one move to the other.

`crm.pages.contacts.merge` shows `preview`, then calls `merge` and has the calls moved as well
(`crm.calls.move_calls`). The functions flush and do not commit.
"""

from dataclasses import dataclass

from sqlalchemy import select, update

from crm.contacts import entries, numbers, search_text
from crm.contacts.changes import ChangedMeanwhile, ContactNotFound, leave_nothing_of
from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.models.locking import take_write_lock


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The merged contact. Its own values stay; the other contact fills the gaps."""

    name: str
    company: str
    email: str
    notes: str  # of both, and values of the other that would be lost: its name, company and e-mail
    numbers: tuple[PhoneNumber, ...]
    added: tuple[PhoneNumber, ...]  # those of `numbers` that come from the other


def preview(keep: Contact, other: Contact) -> Merged:
    """Return `keep` as it will be after the merge; change nothing."""
    known = {numbers.identity(number) for number in keep.phone_numbers}
    added = tuple(number for number in other.phone_numbers if numbers.identity(number) not in known)
    pairs = ((keep.name, other.name), (keep.company, other.company), (keep.email, other.email))
    lost = [theirs for ours, theirs in pairs if theirs and ours and theirs != ours]
    notes = [keep.notes, ", ".join(lost), other.notes if other.notes != keep.notes else ""]
    return Merged(
        name=keep.name,
        company=keep.company or other.company,
        email=keep.email or other.email,
        notes="\n\n".join(text for text in notes if text.strip()),
        numbers=(*keep.phone_numbers, *added),
        added=added,
    )


def merge(keep_id: int, other_id: int, *, versions: tuple[int, int] | None = None) -> Contact:
    """Merge the other contact into the one that is kept.

    versions: of the two, as they were shown; None merges any. Raises ContactNotFound, also when
    both are the same, and ChangedMeanwhile; nothing is written then.
    """
    take_write_lock()
    both = select(Contact).where(Contact.id.in_((keep_id, other_id)), Contact.deleted_at.is_(None))
    # In order of id, so that two merges do not deadlock.
    locked = both.order_by(Contact.id).with_for_update()
    fresh = locked.execution_options(populate_existing=True)
    found = {contact.id: contact for contact in db.session.scalars(fresh)}
    if len(found) != 2:  # noqa: PLR2004 - both
        raise ContactNotFound
    keep, other = found[keep_id], found[other_id]
    if versions is not None and versions != (keep.version, other.version):
        raise ChangedMeanwhile
    will_be = preview(keep, other)
    for number in will_be.added:
        numbers.take_over(keep, number)
    keep.company, keep.email, keep.notes = will_be.company, will_be.email, will_be.notes
    keep.version += 1
    search_text.refresh(keep)
    # The other keeps only its id and `merged_into_id`, and so do those merged into it before.
    before = update(Contact).where(Contact.merged_into_id == other.id)
    db.session.execute(before.values(merged_into_id=keep.id, updated_at=Contact.updated_at))
    entries.move(other.id, keep.id)
    leave_nothing_of(other, merged_into_id=keep.id)
    db.session.flush()
    return keep


def survivor_of(contact_id: int) -> Contact | None:
    """Return the contact that this one was merged into, None when it was not."""
    statement = select(Contact.merged_into_id).where(
        Contact.id == contact_id, Contact.merged_into_id != Contact.id
    )
    merged_into_id = db.session.scalar(statement)
    return db.session.get(Contact, merged_into_id) if merged_into_id is not None else None
