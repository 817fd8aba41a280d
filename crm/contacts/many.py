"""Making and completing many contacts at once, for imports; putting back what they changed.

`crm.contact_files` calls these functions, which flush and do not commit. Its rows have been
checked: a number that cannot be kept raises NumbersRefused, as everywhere.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from crm.contacts import numbers, search_text
from crm.contacts.changes import ContactData
from crm.contacts.numbers import Number
from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.phone_numbers import read

_FIELDS = ("name", "company", "email", "notes")
_DELETE = (
    update(Contact.__table__)
    .where(Contact.__table__.c.id == bindparam("contact_id"))
    .values(deleted_at=bindparam("now"), updated_at=bindparam("now"), search_text="")
)


def create_many(wanted: Sequence[ContactData], *, region: str, now: datetime) -> list[int]:
    """Make contacts; returns their ids in the same order. `region` ("TR") as in `create`."""
    if not wanted:
        return []
    of_each = [_number_rows(one.numbers, region, now) for one in wanted]
    rows = [
        {
            **{field: getattr(data, field) for field in _FIELDS},
            "sort_name": search_text.sort_name_of(data.name),
            "search_text": search_text.search_text_of(
                data.name, data.company, data.email, [one["normal_form"] for one in its_numbers]
            ),
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }
        for data, its_numbers in zip(wanted, of_each, strict=True)
    ]
    made = insert(Contact.__table__).returning(Contact.__table__.c.id, sort_by_parameter_order=True)
    ids = list(db.session.connection().execute(made, rows).scalars())
    number_rows = [
        {**number, "contact_id": contact_id}
        for contact_id, its_numbers in zip(ids, of_each, strict=True)
        for number in its_numbers
    ]
    if number_rows:
        db.session.connection().execute(insert(PhoneNumber.__table__), number_rows)
    return ids


def _number_rows(typed: Sequence[Number], region: str, now: datetime) -> list[dict[str, Any]]:
    numbers.check_numbers(typed, region, ())
    found = []
    for position, number in enumerate(typed):
        read_as = read(number.raw, region)
        normal_form, extension, codes = numbers.identity(read_as)
        found.append(
            {
                "raw": number.raw,
                "normal_form": normal_form,
                "extension": extension,
                "codes": codes,
                "label": number.label or numbers.kind_of(read_as.label),
                "position": position,
                "created_at": now,
            }
        )
    return found


def lock_many(contact_ids: Collection[int]) -> dict[int, Contact]:
    """Contacts by id, read again and locked until the commit. Deleted ones are left out."""
    wanted = select(Contact).where(Contact.id.in_(contact_ids), Contact.deleted_at.is_(None))
    locked = wanted.order_by(Contact.id).with_for_update()
    fresh = locked.execution_options(populate_existing=True)
    return {contact.id: contact for contact in db.session.scalars(fresh)}


def complete(contact: Contact, data: ContactData, *, region: str) -> dict[str, Any] | None:
    """Give a contact what `data` says; empty fields change nothing, numbers and notes are added.

    Returns what `put_back` needs, None when there was nothing to change.
    """
    before: dict[str, Any] = {field: getattr(contact, field) for field in _FIELDS}
    before["version"] = contact.version
    for field in ("name", "company", "email"):
        setattr(contact, field, getattr(data, field) or getattr(contact, field))
    if data.notes and data.notes not in contact.notes:
        contact.notes = "\n\n".join(filter(None, (contact.notes, data.notes)))
    had = {number.id for number in contact.phone_numbers}
    added = [number for number in data.numbers if numbers.append(contact, number, region)]
    if not added and all(before[field] == getattr(contact, field) for field in _FIELDS):
        return None
    search_text.refresh(contact)
    contact.version += 1
    db.session.flush()
    before["added"] = [one.id for one in contact.phone_numbers if one.id not in had]
    return before


def put_back(contact: Contact, before: dict[str, Any]) -> None:
    """Undo `complete`. The version too: a page that shows the earlier one shows what is there."""
    for field in _FIELDS:
        setattr(contact, field, before[field])
    ids = before["added"]
    db.session.execute(delete(PhoneNumber).where(PhoneNumber.id.in_(ids)))
    db.session.expire(contact, ["phone_numbers"])
    search_text.refresh(contact)
    contact.version = before["version"]
    db.session.flush()


def delete_many(contact_ids: Collection[int], *, now: datetime) -> None:
    """Delete contacts as `delete` does: each can be restored."""
    if contact_ids:
        rows = [{"contact_id": contact_id, "now": now} for contact_id in contact_ids]
        db.session.connection().execute(_DELETE, rows)
