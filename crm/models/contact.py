"""A contact, its phone numbers, and what is kept of its calls. All tenants share the contacts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now


class Contact(db.Model):  # type: ignore[name-defined]
    """A person or company that calls or is called.

    search_text: words of name, company and e-mail and keys of the numbers, as `crm.contacts` folds
        them: the text that search reads. The database keeps its index in step with it.
    sort_name: the key by which lists are ordered (`sort_key` in crm.names), compared by its bytes.
    version: grows with every change that a person makes, so that two of them notice each other.
    deleted_at: set by delete, cleared by undo; a deleted contact is found nowhere.
    merged_into_id: whom this contact was merged into; nothing but the way there is left of it. Its
        id is in events and on open pages, so the row stays. Its own id: it was erased.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_sort_name_id", "sort_name", "id"),
        # Finds duplicates by e-mail. Alembic's batch mode cannot copy it: make it again after one.
        Index(
            "ix_contact_lower_email",
            text("lower(email)"),
            sqlite_where=text("email != ''"),
            postgresql_where=text("email != ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    company: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    search_text: Mapped[str] = mapped_column(Text, default="")
    sort_name: Mapped[str] = mapped_column(
        String(200).with_variant(String(200, collation="C"), "postgresql"), default=""
    )
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(index=True)

    phone_numbers: Mapped[list["PhoneNumber"]] = relationship(
        back_populates="contact", cascade="all, delete-orphan", order_by="PhoneNumber.position"
    )

    def __repr__(self) -> str:
        return f"<Contact {self.id}>"


class PhoneNumber(db.Model):  # type: ignore[name-defined]
    """One number of a contact: as typed (`raw`), and as it is matched (`normal_form`).

    normal_form: "" for one of before that cannot be read as one number; it is neither dialled nor
        matched. extension: behind that number. codes: what is keyed after the answer.
    created_at: when the contact got it; None when that was before it was kept.
    """

    __tablename__ = "phone_number"
    __table_args__ = (Index("ix_phone_number_contact_id_normal_form", "contact_id", "normal_form"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    raw: Mapped[str] = mapped_column(String(50))
    normal_form: Mapped[str] = mapped_column(String(50), index=True)
    extension: Mapped[str] = mapped_column(String(7), default="")
    codes: Mapped[str] = mapped_column(String(50), default="")
    label: Mapped[str] = mapped_column(String(50), default="")
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=utc_now)

    contact: Mapped[Contact] = relationship(back_populates="phone_numbers")

    def __repr__(self) -> str:
        return f"<PhoneNumber {self.id}>"


class ContactCalls(db.Model):  # type: ignore[name-defined]
    """A contact's calls with one tenant, in short, so that a screen pop reads one row.

    Of ended calls alone. Each tenant has its own: an agent is told of no other tenant's calls.
    Written by `crm.calls.contact_calls`; no row where there is no call.
    last_spoken_at: start of the last call that somebody answered.
    """

    __tablename__ = "contact_calls"
    __table_args__ = (
        Index("ix_contact_calls_tenant_id_last_spoken_at", "tenant_id", "last_spoken_at"),
        {"sqlite_with_rowid": False},  # one read instead of two
    )

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    calls_count: Mapped[int]
    last_call_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_call_summary: Mapped[str] = mapped_column(String(300), default="")
    last_spoken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return f"<ContactCalls {self.contact_id} of tenant {self.tenant_id}>"
