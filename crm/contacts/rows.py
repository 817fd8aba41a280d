"""A contact as a line of a list: what it shows, and the query that reads it without loading more.

Called by the search and the lists of this package.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, func, select

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


_FIRST_NUMBER = (
    select(PhoneNumber.normal_form)
    .where(PhoneNumber.contact_id == Contact.id)
    .order_by(PhoneNumber.position, PhoneNumber.id)
    .limit(1)
    .scalar_subquery()
)
SELECT_ROWS = select(
    Contact.id,
    Contact.name,
    Contact.company,
    func.coalesce(_FIRST_NUMBER, ""),
    Contact.last_call_at,
    Contact.last_call_summary,
)


def fetch(statement: Executable, parameters: dict[str, Any]) -> tuple[ContactRow, ...]:
    """Run a query made from SELECT_ROWS."""
    return tuple(ContactRow(*row) for row in db.session.execute(statement, parameters))
