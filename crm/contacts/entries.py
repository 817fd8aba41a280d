"""A contact's history beside its calls: notes without a call, and changes of its data.

Contacts are shared by the tenants, and so is what was changed in them. A note is read by the agents
of its writer's tenant, as a note about a call is. The functions flush and do not commit.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from crm.extensions import db
from crm.models import Contact, ContactEntry, EntryKind
from crm.models.paging import Cursor, page_of

LONGEST_NOTE = 20_000
SAME_NOTE_WITHIN = timedelta(minutes=1)
FIELDS = ("name", "company", "email", "notes")


def write_note(
    contact_id: int, text: str, *, agent_id: int, tenant_id: int, now: datetime
) -> ContactEntry | None:
    """A note about a contact. None for an empty one, and for one that has just been sent."""
    text = text.replace("\r\n", "\n").strip()[:LONGEST_NOTE]
    same = (
        ContactEntry.contact_id == contact_id,
        ContactEntry.agent_id == agent_id,
        ContactEntry.at > now - SAME_NOTE_WITHIN,
        ContactEntry.text == text,
    )
    if not text or db.session.scalar(select(ContactEntry.id).where(*same).limit(1)):
        return None
    entry = ContactEntry(contact_id=contact_id, agent_id=agent_id, tenant_id=tenant_id, at=now)
    entry.kind, entry.text, entry.changes = EntryKind.NOTE, text, []
    db.session.add(entry)
    db.session.flush()
    return entry


def note_of(entry_id: int, contact_id: int) -> ContactEntry | None:
    """One of a contact's notes."""
    entry: ContactEntry | None = db.session.get(ContactEntry, entry_id)
    is_one = entry is not None and entry.kind is EntryKind.NOTE and entry.contact_id == contact_id
    return entry if is_one else None


def record(
    contact_id: int,
    kind: EntryKind,
    *,
    agent_id: int,
    tenant_id: int,
    now: datetime,
    text: str = "",
    before: dict[str, str] | None = None,
) -> None:
    """Record what an agent did to a contact. before: its `data_of`; nothing changed, no entry."""
    changes: list[list[str]] = []
    if before is not None:
        contact = db.session.get_one(Contact, contact_id)
        after = data_of(contact)
        differ = [name for name in after if before[name] != after[name]]
        changes = [[name, before[name], after[name]] for name in differ]
        if not changes:
            return
    entry = ContactEntry(contact_id=contact_id, agent_id=agent_id, tenant_id=tenant_id, at=now)
    entry.kind, entry.text, entry.changes = kind, text, changes
    db.session.add(entry)
    db.session.flush()


def data_of(contact: Contact) -> dict[str, str]:
    """A contact's fields as text, to see later what has changed."""
    numbers = ", ".join(number.raw for number in contact.phone_numbers)
    return {**{name: getattr(contact, name) for name in FIELDS}, "numbers": numbers}


def of_contact(
    contact_id: int, tenant_ids: Collection[int], before: Cursor | None = None, limit: int = 30
) -> list[ContactEntry]:
    """A page of a contact's entries that these tenants may read, newest first."""
    may_read = or_(ContactEntry.kind != EntryKind.NOTE, ContactEntry.tenant_id.in_(tenant_ids))
    statement = select(ContactEntry).where(ContactEntry.contact_id == contact_id, may_read)
    return list(
        db.session.scalars(page_of(statement, (ContactEntry.at, ContactEntry.id), before, limit))
    )


def move(contact_id: int, to_id: int) -> None:
    """A contact is merged into another, and its history with it."""
    theirs = update(ContactEntry).where(ContactEntry.contact_id == contact_id)
    db.session.execute(theirs.values(contact_id=to_id))
