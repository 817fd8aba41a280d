"""Whose number is this? The question behind every screen pop; it costs one indexed query.

Called by the screen pop and by calls that come in from other sources.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, func, select

from crm.extensions import db
from crm.models import Contact, PhoneNumber

AT_MOST = 5
NOTES_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class PopContact:
    """What a screen pop shows of a contact. `notes_excerpt`: their first 200 characters."""

    id: int
    name: str
    company: str
    notes_excerpt: str
    calls_count: int
    last_call_at: datetime | None
    last_call_summary: str


@dataclass(frozen=True, slots=True)
class PhoneMatch:
    """Who has a number: nobody, one contact, or several to choose from, last spoken first."""

    contacts: tuple[PopContact, ...]

    @property
    def kind(self) -> Literal["none", "one", "several"]:
        """How many contacts have the number."""
        if not self.contacts:
            return "none"
        return "one" if len(self.contacts) == 1 else "several"

    @classmethod
    def nobody(cls) -> "PhoneMatch":
        """The match of a number that no contact has."""
        return cls(())


# Columns, not objects: nothing is loaded that the pop does not show.
_POP_CONTACTS = select(
    Contact.id,
    Contact.name,
    Contact.company,
    func.substr(Contact.notes, 1, NOTES_EXCERPT),
    Contact.calls_count,
    Contact.last_call_at,
    Contact.last_call_summary,
).where(Contact.deleted_at.is_(None))
_BY_NUMBER = (
    _POP_CONTACTS.join(PhoneNumber, PhoneNumber.contact_id == Contact.id)
    .where(PhoneNumber.normal_form == bindparam("normal_form"))
    .order_by(Contact.last_call_at.desc().nulls_last(), Contact.id)
    .limit(AT_MOST)
)
_BY_ID = _POP_CONTACTS.where(Contact.id == bindparam("contact_id"))


def find_by_phone(normal_form: str) -> PhoneMatch:
    """Return the contacts that have exactly this number, at most five.

    `normal_form` is what `crm.phone_numbers.normal_form` returns; "" matches nobody.
    Deleted contacts are found nowhere.
    """
    if not normal_form:
        return PhoneMatch.nobody()
    rows = db.session.execute(_BY_NUMBER, {"normal_form": normal_form})
    return PhoneMatch(tuple(PopContact(*row) for row in rows))


def pop_contact(contact_id: int) -> PopContact | None:
    """Return one contact as a screen pop shows it, None when it is unknown or deleted."""
    row = db.session.execute(_BY_ID, {"contact_id": contact_id}).first()
    return PopContact(*row) if row else None
