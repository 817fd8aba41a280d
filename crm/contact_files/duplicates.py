"""Finds for each row the contact that it is a duplicate of: by number or e-mail.

Somebody of another name with the same number, as behind a company's switchboard, is told apart from
the same person. `checking` asks for the rows of a file, `writing` again in the moment of writing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from crm.contact_files.drafts import Checked, number_key
from crm.contacts import fold
from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.phone_numbers import Written

MOST_CONTACTS = 5_000  # with the numbers of one batch; a switchboard can have thousands

_CONTACT, _NUMBER = Contact.__table__.c, PhoneNumber.__table__.c
_BY_NUMBER = (
    select(_NUMBER.normal_form, _NUMBER.extension, _CONTACT.id, _CONTACT.name)
    .join_from(PhoneNumber.__table__, Contact.__table__, _CONTACT.id == _NUMBER.contact_id)
    .where(
        _NUMBER.normal_form.in_(bindparam("numbers", expanding=True)),
        _CONTACT.deleted_at.is_(None),
    )
    .order_by(_CONTACT.id)
    .limit(MOST_CONTACTS)
)
_BY_EMAIL = select(func.lower(_CONTACT.email), _CONTACT.id, _CONTACT.name).where(
    func.lower(_CONTACT.email).in_(bindparam("emails", expanding=True)),
    _CONTACT.email != "",  # the index has these alone
    _CONTACT.deleted_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Known:
    """A contact, or an earlier row of the file, that has a key."""

    id: int
    name: str
    same_person: bool = True
    several: bool = False  # more than one contact may be this person


def among_contacts(rows: Sequence[Checked]) -> list[Known | None]:
    """The duplicate of each row, None for a new one. Two queries, however many rows."""
    keys = {key for row in rows for key in row.keys}
    if not keys:
        return [None] * len(rows)
    owners: dict[str, list[tuple[int, str]]] = defaultdict(list)
    emails = [key for key in keys if "@" in key]
    numbers = {key.partition(";")[0] for key in keys if "@" not in key}
    for normal_form, extension, contact_id, name in db.session.execute(
        _BY_NUMBER, {"numbers": sorted(numbers)}
    ):
        key = number_key(Written(normal_form, extension))
        owners[key].append((contact_id, name))
    for email, contact_id, name in db.session.execute(_BY_EMAIL, {"emails": sorted(emails)}):
        owners[email].append((contact_id, name))
    return [best_of(row, owners) for row in rows]


def best_of(row: Checked, owners: Mapping[str, Sequence[tuple[int, str]]]) -> Known | None:
    """The likeliest of those who have a key of this row: the same person before a namesake."""
    same: dict[int, str] = {}
    others: dict[int, str] = {}
    for key in row.keys:
        for one, name in owners.get(key, ()):
            is_same = "@" in key or same_name(name, row.data.name)
            (same if is_same else others)[one] = name
    if same:
        first = next(iter(same))
        return Known(first, same[first], several=len(same) > 1)
    for one, name in others.items():
        return Known(one, name, same_person=False)
    return None


def same_name(one: str, other: str) -> bool:
    """Whether two names may be one person's: they share a word, or one of them is no name."""
    words = [set(_words(name)) for name in (one, other)]
    return not all(words) or bool(words[0] & words[1])


def _words(name: str) -> Iterable[str]:
    return (word for word in fold(name).replace(",", " ").split() if any(map(str.isalpha, word)))


def without_common_keys(rows: Sequence[Checked]) -> int:
    """How many rows, from the first on, share no key: one that does must see the others written."""
    seen: set[str] = set()
    for place, row in enumerate(rows):
        if seen.intersection(row.keys):
            return place
        seen.update(row.keys)
    return len(rows)
