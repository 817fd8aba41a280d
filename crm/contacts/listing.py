"""Contacts without a question: all of them by name, and those who were last on the phone."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select, tuple_

from crm.contacts.folding import fold
from crm.contacts.rows import ContactRow, fetch
from crm.extensions import db
from crm.models import Contact, ContactCalls

_CONTACT, _CALLS = Contact.__table__.c, ContactCalls.__table__.c

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


def sort_name_of(name: str) -> str:
    """Return the form by which lists are ordered; fits its column of 200 characters."""
    return fold(name)[:200]


def by_name(after: str | None, limit: int) -> list[int]:
    """Return ids of contacts in the order of their names, from a `cursor` on or from the first."""
    contact_id, _, sort_name = (after or "").partition(":")
    if not sort_name:
        return list(db.session.scalars(_FIRST_BY_NAME, {"limit": limit}))
    key = {"after": whole_number(contact_id), "sort_name": sort_name.replace("\0", "")}
    return list(db.session.scalars(_NEXT_BY_NAME, key | {"limit": limit}))


def cursor(last: ContactRow) -> str:
    """Return where the list goes on behind its last row."""
    return f"{last.id}:{sort_name_of(last.name)}"


def whole_number(text: str) -> int:
    """Return the id of a cursor; 0 when it is none, so that the list starts at its beginning."""
    plain = text.isascii() and text.isdigit() and len(text) < len(str(2**31))
    return int(text) if plain else 0


def recently_spoken(tenant_ids: Collection[int], limit: int = 5) -> tuple[ContactRow, ...]:
    """Return the contacts whom somebody of these tenants talked with last, newest first.

    A call that nobody answered is no talk: the rows tell of the talk, not of what came after it.
    """
    talks: dict[int, datetime] = {}
    for tenant_id in tenant_ids:  # one by one, so that the index has each one's last at once
        asked = {"tenant_id": tenant_id, "limit": limit}
        for contact_id, spoken_at in db.session.execute(_RECENTLY_SPOKEN, asked):
            talks[contact_id] = max(spoken_at, talks.get(contact_id, spoken_at))
    newest = sorted(talks, key=lambda contact_id: (talks[contact_id], -contact_id), reverse=True)
    return tuple(
        replace(row, last_call_at=talks[row.id], last_call_summary="answered")
        for row in fetch(newest[:limit], tenant_ids)
    )
