"""The seam between calls and contacts: finds contacts by number and the contact of a call.

`crm.telephony`, `crm.calls`, `crm.worker`, `crm.web` and the pages of calls import nothing else of
this package. To use a contact store of your own, rewrite these functions with the same contracts;
docs/your-own-contacts.md shows how.

Numbers come in the form that `crm.phone_numbers.normal_form` returns (`+905320000001`). A contact's
id is that of a row of the table `contact`: calls refer to it by a foreign key. Only `resolve` finds
a deleted contact.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select

from crm.contacts.lists import CALLS_COUNT, LAST_CALL_AT, LAST_CALL_SUMMARY
from crm.contacts.search import all_fitting
from crm.extensions import db
from crm.models import Contact, PhoneNumber

AT_MOST = 5
NOTES_EXCERPT = 200


class ContactRef(NamedTuple):
    """The fields of its contact that a call stores."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class PopContact:
    """The fields of a contact that a screen pop shows."""

    id: int
    name: str
    company: str = ""
    notes_excerpt: str = ""  # the first 200 characters
    # About ended calls of the reader's tenants; the table `contact_calls` has them ready.
    calls_count: int = 0
    last_call_at: datetime | None = None
    last_call_summary: str = ""  # as `crm.calls.contact_calls.summary_of` writes it


@dataclass(frozen=True, slots=True)
class PhoneMatch:
    """The contacts with a number."""

    contacts: tuple[PopContact, ...]

    @property
    def kind(self) -> Literal["none", "one", "several"]:
        """How many contacts have the number."""
        return "several" if len(self.contacts) > 1 else "one" if self.contacts else "none"


# Tables, not models: SQLAlchemy does half the work for them.
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
_HAS_NUMBER = select(_NUMBER.contact_id).where(_NUMBER.normal_form == bindparam("normal_form"))
_BY_NUMBER = (
    _POP_CONTACTS.where(_CONTACT.id.in_(_HAS_NUMBER))
    .order_by(LAST_CALL_AT.desc().nulls_last(), _CONTACT.id)
    .limit(AT_MOST)
)
_BY_ID = _POP_CONTACTS.where(_CONTACT.id == bindparam("contact_id"))


def find_by_number(normal_form: str, tenant_ids: Collection[int] = ()) -> PhoneMatch:
    """Return the contacts that have this number, the one last spoken with first, at most five.

    Called at every ring and for every card that is drawn, so it must be fast: one indexed query. No
    contact has the number "". tenant_ids: the tenants whose calls the reader may see.
    """
    if not normal_form:
        return PhoneMatch(())
    rows = db.session.execute(_BY_NUMBER, {"normal_form": normal_form, "tenant_ids": tenant_ids})
    return PhoneMatch(tuple(PopContact(*row) for row in rows))


def get(contact_id: int, tenant_ids: Collection[int] = ()) -> PopContact | None:
    """Return one contact, None when it is unknown or deleted.

    Called for every card of a call that has a contact. tenant_ids: as in `find_by_number`.
    """
    row = db.session.execute(_BY_ID, {"contact_id": contact_id, "tenant_ids": tenant_ids}).first()
    return PopContact(*row) if row else None


def resolve(contact_id: int) -> ContactRef | None:
    """Return the contact with this id today; for a merged one, the contact it was merged into.

    Called when a call is written whose contact an agent has chosen, also long after. A deleted
    contact is returned, because it may be restored; None when it is unknown or erased.
    """
    contact = db.session.get(Contact, contact_id)
    if contact is not None and contact.merged_into_id is not None:
        merged_into_itself = contact.merged_into_id == contact.id  # it was erased
        contact = None if merged_into_itself else db.session.get(Contact, contact.merged_into_id)
    return ContactRef(contact.id, contact.name) if contact is not None else None


def only_owners(
    normal_forms: Iterable[str | None], *, known_before: datetime | None = None
) -> dict[str, ContactRef]:
    """Map each number that exactly one contact has to that contact; leave out all others.

    Called when a call is written, and once for a page of a hundred records, so it is one query.
    known_before: numbers that a contact got later do not count. It is given for a withheld
    number; otherwise an agent could guess numbers until one fits.
    """
    wanted = {number for number in normal_forms if number}
    if not wanted:
        return {}
    statement = (
        select(_NUMBER.normal_form, func.min(_CONTACT.id), func.min(_CONTACT.name))
        .join_from(PhoneNumber.__table__, Contact.__table__, _CONTACT.id == _NUMBER.contact_id)
        .where(_NUMBER.normal_form.in_(sorted(wanted)), _CONTACT.deleted_at.is_(None))
        .group_by(_NUMBER.normal_form)
        .having(func.count(_CONTACT.id.distinct()) == 1)
    )
    if known_before is not None:
        since = _NUMBER.created_at
        statement = statement.where(or_(since.is_(None), since < known_before))
    return {row[0]: ContactRef(row[1], row[2]) for row in db.session.execute(statement)}


def numbers_of(contact_id: int) -> set[str]:
    """Return all numbers of a contact.

    Called when a contact is new or has got a number (`crm.calls.claim_calls`).
    """
    statement = select(PhoneNumber.normal_form).where(PhoneNumber.contact_id == contact_id)
    return set(db.session.scalars(statement)) - {""}


def ids_matching(words: str, *, region: str) -> Select[tuple[int]] | Collection[int] | None:
    """Return the ids of all contacts that match the words; None when there are none.

    Called when the call log is filtered by a name. It becomes a part of the log's own query: return
    a subquery, or up to some thousand ids. region ("TR"): the country of national numbers.
    """
    return all_fitting(words, region=region)
