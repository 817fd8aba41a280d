"""Contacts as lines of a list: all by name, or those last spoken with.

Used by `search`, which turns ids into lines, and by the contacts pages. `directory` shows the same
summary of a contact's calls.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import bindparam, func, select, tuple_
from sqlalchemy.orm import aliased

from crm.contacts.search_text import sort_name_of
from crm.extensions import db
from crm.models import Contact, ContactCalls, PhoneNumber
from crm.models.paging import Cursor, page_of

# Columns of the tables, not of the models: SQLAlchemy does half the work for them.
_CONTACT, _NUMBER = Contact.__table__.c, PhoneNumber.__table__.c
_CALLS = ContactCalls.__table__.c

# A contact's calls, as columns of a query over contacts, only of the tenants that the reader may
# see. Each query with these columns takes their ids as `tenant_ids`. One row of `contact_calls` for
# an agent, found by its key; one for each tenant for an admin.
_SEEN = (
    _CALLS.contact_id == _CONTACT.id,
    _CALLS.tenant_id.in_(bindparam("tenant_ids", expanding=True)),
)
CALLS_COUNT = func.coalesce(select(func.sum(_CALLS.calls_count)).where(*_SEEN).scalar_subquery(), 0)
LAST_CALL_AT = select(func.max(_CALLS.last_call_at)).where(*_SEEN).scalar_subquery()
LAST_CALL_SUMMARY = func.coalesce(
    select(_CALLS.last_call_summary)
    .where(*_SEEN)
    .order_by(_CALLS.last_call_at.desc(), _CALLS.tenant_id)
    .limit(1)
    .scalar_subquery(),
    "",
)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact in a list."""

    id: int
    name: str
    company: str
    number: str  # normal form of its first number, or ""
    last_call_at: datetime | None
    last_call_summary: str


_FIRST_NUMBER = (
    select(_NUMBER.normal_form)
    .where(_NUMBER.contact_id == _CONTACT.id, _NUMBER.normal_form != "")
    .order_by(_NUMBER.position, _NUMBER.id)
    .limit(1)
    .scalar_subquery()
)
_ROWS = select(
    _CONTACT.id,
    _CONTACT.name,
    _CONTACT.company,
    func.coalesce(_FIRST_NUMBER, ""),
    LAST_CALL_AT,
    LAST_CALL_SUMMARY,
).where(_CONTACT.id.in_(bindparam("ids", expanding=True)))


def fetch(ids: Sequence[int], tenant_ids: Collection[int]) -> tuple[ContactRow, ...]:
    """Read the lines of these contacts, in this order, with the calls of these tenants."""
    if not ids:
        return ()
    rows = db.session.execute(_ROWS, {"ids": ids, "tenant_ids": tenant_ids})
    found = {row[0]: ContactRow(*row) for row in rows}
    return tuple(found[contact_id] for contact_id in ids if contact_id in found)


MOST_COUNTED = 10_000
_SOME = select(_CONTACT.id).where(_CONTACT.deleted_at.is_(None)).limit(bindparam("most")).subquery()


def count() -> int:
    """How many contacts there are, or one more than MOST_COUNTED: counting a million takes long."""
    statement = select(func.count()).select_from(_SOME)
    return db.session.scalar(statement, {"most": MOST_COUNTED + 1}) or 0


_FIRST_BY_NAME = (
    select(_CONTACT.id)
    .where(_CONTACT.deleted_at.is_(None))
    .order_by(_CONTACT.sort_name, _CONTACT.id)
    .limit(bindparam("limit"))
)
_NEXT_BY_NAME = _FIRST_BY_NAME.where(
    tuple_(_CONTACT.sort_name, _CONTACT.id) > tuple_(bindparam("sort_name"), bindparam("after"))
)
_RECENTLY_SPOKEN = (
    select(_CALLS.contact_id, _CALLS.last_spoken_at)
    .join_from(ContactCalls.__table__, Contact.__table__, _CALLS.contact_id == _CONTACT.id)
    .where(
        _CALLS.tenant_id == bindparam("tenant_id"),
        _CALLS.last_spoken_at.is_not(None),
        _CONTACT.deleted_at.is_(None),
    )
    .order_by(_CALLS.last_spoken_at.desc(), _CALLS.contact_id)
    .limit(bindparam("limit"))
)


def by_name(after: str | None, limit: int) -> list[int]:
    """Return ids of contacts in the order of their names, from a `cursor` or from the first."""
    contact_id, _, sort_name = (after or "").partition(":")
    if not sort_name:
        return list(db.session.scalars(_FIRST_BY_NAME, {"limit": limit}))
    key = {"after": whole_number(contact_id), "sort_name": sort_name.replace("\0", "")}
    return list(db.session.scalars(_NEXT_BY_NAME, key | {"limit": limit}))


def cursor(last: ContactRow) -> str:
    """Return the cursor of the list's next page."""
    return f"{last.id}:{sort_name_of(last.name)}"


def whole_number(text: str) -> int:
    """Return the id of a cursor; 0 for an invalid one, so that the list starts at its beginning."""
    plain = text.isascii() and text.isdigit() and len(text) < len(str(2**31))
    return int(text) if plain else 0


def spoken_with(
    tenant_ids: Collection[int], before: Cursor | None = None, limit: int = 50
) -> list[Cursor]:
    """Whom these tenants have talked with, the last talk first: when, and the contact's id.

    A contact that several of the tenants have talked with stands at the last talk of all.
    """
    later, found = aliased(ContactCalls), []
    has_later = select(later.contact_id).where(
        later.contact_id == ContactCalls.contact_id,
        later.tenant_id.in_(tenant_ids),
        tuple_(later.last_spoken_at, later.tenant_id)
        > tuple_(ContactCalls.last_spoken_at, ContactCalls.tenant_id),
    )
    spoken = (
        select(ContactCalls.last_spoken_at, ContactCalls.contact_id)
        .join(Contact, Contact.id == ContactCalls.contact_id)
        .where(ContactCalls.last_spoken_at.is_not(None), Contact.deleted_at.is_(None))
    )
    if len(tenant_ids) > 1:
        spoken = spoken.where(~has_later.exists())
    for tenant_id in tenant_ids:  # one by one, so that the index gives each one's in order
        own = spoken.where(ContactCalls.tenant_id == tenant_id)
        key = (ContactCalls.last_spoken_at, ContactCalls.contact_id)
        page: Any = page_of(cast(Any, own), key, before, limit)
        found += [Cursor(*row) for row in db.session.execute(page)]
    return sorted(found, reverse=True)[:limit]


def recently_spoken(tenant_ids: Collection[int], limit: int = 5) -> tuple[ContactRow, ...]:
    """Return the contacts with whom these tenants talked last, newest first.

    A call that nobody answered is no talk: the rows have the talk, not later calls.
    """
    talks: dict[int, datetime] = {}
    for tenant_id in tenant_ids:  # one by one, so that the index finds each one's last at once
        asked = {"tenant_id": tenant_id, "limit": limit}
        for contact_id, spoken_at in db.session.execute(_RECENTLY_SPOKEN, asked):
            talks[contact_id] = max(spoken_at, talks.get(contact_id, spoken_at))
    newest = sorted(talks, key=lambda contact_id: (talks[contact_id], -contact_id), reverse=True)
    return tuple(
        replace(row, last_call_at=talks[row.id], last_call_summary="answered")
        for row in fetch(newest[:limit], tenant_ids)
    )
