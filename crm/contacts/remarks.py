"""What is worth saying about numbers that were just written down. They are kept all the same.

Called by the contacts pages after a save; the words stand there.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from crm.contacts.numbers import Identity, identity
from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.phone_numbers import is_complete

MOST_NAMES = 3


@dataclass(frozen=True)
class Remark:
    """About one number. short: it is no whole number, as `12` is none, and no code with * or #.

    others: names of contacts that have the number too, the first few of them.
    """

    number: PhoneNumber
    short: bool
    others: tuple[str, ...]


def remarks_on(contact: Contact, before: Collection[Identity] = ()) -> list[Remark]:
    """What to say about a contact's numbers, but for those that it had `before`."""
    new = [number for number in contact.phone_numbers if identity(number) not in before]
    found = [
        Remark(number, _is_short(number.normal_form), _others(number, contact)) for number in new
    ]
    return [remark for remark in found if remark.short or remark.others]


def identities(contact: Contact) -> set[Identity]:
    """The numbers that a contact has now, for `remarks_on` after a change."""
    return set(map(identity, contact.phone_numbers))


def _is_short(normal_form: str) -> bool:
    return not is_complete(normal_form) and normal_form[:1] not in "*#"


def _others(number: PhoneNumber, contact: Contact) -> tuple[str, ...]:
    has_it = select(PhoneNumber.contact_id).where(PhoneNumber.normal_form == number.normal_form)
    others = select(Contact.name).where(
        Contact.id.in_(has_it), Contact.id != contact.id, Contact.deleted_at.is_(None)
    )
    return tuple(db.session.scalars(others.order_by(Contact.id).limit(MOST_NAMES)))
