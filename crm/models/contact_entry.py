"""What is told of a contact beside its calls: notes without a call, and changes of its data."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words
from crm.models.paging import Cursor


class EntryKind(StrEnum):
    """What happened."""

    NOTE = "note"
    CHANGED = "changed"
    MERGED = "merged"
    DELETED = "deleted"
    RESTORED = "restored"


class ContactEntry(db.Model):  # type: ignore[name-defined]
    """One entry of a contact's history, written by `crm.contacts.entries`.

    tenant_id: of the agent. A note is read by this tenant alone; changes are of all tenants, as
        contacts are.
    text: the note; the name of a contact that was merged into this one.
    changes: [field, before, after] for each field that was changed.
    """

    __tablename__ = "contact_entry"
    __table_args__ = (Index("ix_contact_entry_contact_id_at_id", "contact_id", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    kind: Mapped[EntryKind] = mapped_column(words(EntryKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    changes: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)

    def __repr__(self) -> str:
        return f"<ContactEntry {self.id} {self.kind}>"

    @property
    def cursor(self) -> Cursor:
        """Its place in the history."""
        return Cursor(self.at, self.id)
