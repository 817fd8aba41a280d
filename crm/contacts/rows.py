"""A contact as a line of a list: what it shows, and the query that reads it without loading more.

Called by the search and the lists of this package.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from crm.contacts.of_calls import LAST_CALL_AT, LAST_CALL_SUMMARY
from crm.extensions import db
from crm.models import Contact, PhoneNumber


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact in a list. `number` is the normal form of its first number, or ""."""

    id: int
    name: str
    company: str
    number: str
    last_call_at: datetime | None
    last_call_summary: str


# Columns of the tables, not of the models: SQLAlchemy does half the work for them.
_CONTACT = Contact.__table__.c
_NUMBER = PhoneNumber.__table__.c

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
