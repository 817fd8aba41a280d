"""Whose number is this? The question behind every screen pop; it costs one indexed query.

Called by the screen pop and by calls that come in from other sources.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, func, select

from crm.contacts.of_calls import CALLS_COUNT, LAST_CALL_AT, LAST_CALL_SUMMARY
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


# Tables, not objects: nothing is loaded that the pop does not show, and no mapping is asked.
_CONTACT, _NUMBER = Contact.__table__.c, PhoneNumber.__table__.c
_POP_CONTACTS = select(
    _CONTACT.id,
    _CONTACT.name,
    _CONTACT.company,
    func.substr(_CONTACT.notes, 1, NOTES_EXCERPT),
    CALLS_COUNT,
    LAST_CALL_AT,
    LAST_CALL_SUMMARY,
).where(_CONTACT.deleted_at.is_(None))
# Once each, though a contact may have a number with two extensions.
_HAS_NUMBER = select(_NUMBER.contact_id).where(_NUMBER.normal_form == bindparam("normal_form"))
_BY_NUMBER = (
    _POP_CONTACTS.where(_CONTACT.id.in_(_HAS_NUMBER))
    .order_by(LAST_CALL_AT.desc().nulls_last(), _CONTACT.id)
    .limit(AT_MOST)
)
_BY_ID = _POP_CONTACTS.where(_CONTACT.id == bindparam("contact_id"))


def find_by_phone(normal_form: str, tenant_ids: Collection[int] = ()) -> PhoneMatch:
    """Return the contacts that have exactly this number, with an extension or not, at most five.

    `normal_form` is what `crm.phone_numbers.normal_form` returns; "" matches nobody.
    Deleted contacts are found nowhere. tenant_ids: whose calls the reader may hear of.
    """
    if not normal_form:
        return PhoneMatch.nobody()
    rows = db.session.execute(_BY_NUMBER, {"normal_form": normal_form, "tenant_ids": tenant_ids})
    return PhoneMatch(tuple(PopContact(*row) for row in rows))


def pop_contact(contact_id: int, tenant_ids: Collection[int] = ()) -> PopContact | None:
    """Return one contact as a screen pop shows it, None when it is unknown or deleted.

    tenant_ids: whose calls the reader may hear of.
    """
    row = db.session.execute(_BY_ID, {"contact_id": contact_id, "tenant_ids": tenant_ids}).first()
    return PopContact(*row) if row else None
