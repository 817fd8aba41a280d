"""The text that search reads: makes it for one contact or for all.

Names are folded, so that "İSTANBUL Şişli" and "istanbul sisli" are one; `search` folds what is
typed by the same functions. The database keeps its index in step with the text (triggers on SQLite,
the index itself on PostgreSQL), so that code which writes contacts writes this text and nothing
else.

A number's words are its keys, which no name can hold. `<905320000001` and `<5320000001` are
beginnings of the number; `>1000000235009` is the number from its end, so that the last digits are a
beginning too.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import phonenumbers
from sqlalchemy import bindparam, select, text, update

from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.models.locking import take_write_lock
from crm.names import fold, sort_key
from crm.phone_numbers import digits, trunk_prefix

MAX_WORD = 64  # longer words are cut, in the index and in the query alike
LONGEST_SORT_NAME = 200
BEGINNING, END = "<", ">"
BATCH = 5_000

_WORD = re.compile(r"[^\W_]+")


def search_text_of(name: str, company: str, email: str, normal_forms: Iterable[str]) -> str:
    """Return the words and number keys of a contact, each once, with spaces between them.

    A deleted contact's `search_text` is empty.
    """
    found = words(" ".join((name, company, email)))
    for normal_form in normal_forms:
        main = digits(normal_form)[: MAX_WORD - 1]
        if not main:
            continue
        found.append(BEGINNING + main)
        if normal_form.startswith("+"):
            found.append(BEGINNING + _split_calling_code(main)[1])
        found.append(END + main[::-1])
    return " ".join(dict.fromkeys(found))


def sort_name_of(name: str) -> str:
    """Return the text by which lists are ordered, cut to its column."""
    return sort_key(name)[:LONGEST_SORT_NAME]


def refresh(contact: Contact) -> None:
    """Fill the texts that are stored for search and for the order of lists."""
    numbers = [number.normal_form for number in contact.phone_numbers]
    contact.sort_name = sort_name_of(contact.name)
    contact.search_text = (
        ""
        if contact.deleted_at
        else search_text_of(contact.name, contact.company, contact.email, numbers)
    )


def words(text: str) -> list[str]:
    """Return the folded words of a text: runs of letters and digits, split at everything else."""
    return [word[:MAX_WORD] for word in _WORD.findall(fold(text))]


def key_beginnings(typed: str, region: str) -> list[str]:
    """Return the possible beginnings of a number's key for these digits.

    `typed` is "+90 532", "0090532", "0532", "532000" or the last digits; `region` ("TR") decides
    the trunk prefix before national numbers (mostly 0).
    """
    numerals = digits(typed)[: MAX_WORD - 1]
    if not numerals:
        return []
    if typed.lstrip(" (").startswith("+"):
        return [BEGINNING + form for form in _without_trunk_zero(numerals)]
    forms = [numerals]
    if numerals.startswith("00") and numerals.strip("0"):
        forms += _without_trunk_zero(numerals.removeprefix("00"))
    for prefix in sorted({"0", trunk_prefix(region.upper())} - {""}):
        if numerals.startswith(prefix) and numerals != prefix:
            forms.append(numerals.removeprefix(prefix))
    return [BEGINNING + form for form in forms] + [END + numerals[::-1]]


def _without_trunk_zero(international: str) -> list[str]:
    """People also write +90 0532; the zero is not part of the number."""
    code, national = _split_calling_code(international)
    if code and national.startswith("0") and national != "0":
        return [international, code + national[1:]]
    return [international]


def _split_calling_code(numerals: str) -> tuple[str, str]:
    # No calling code is the beginning of another one, so the first match is right.
    for length in (1, 2, 3):
        if int(numerals[:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return numerals[:length], numerals[length:]
    return "", numerals


_TRIGGERS = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'contact_search_%'"
)
_CONTACTS = (
    select(Contact.id, Contact.name, Contact.company, Contact.email, Contact.deleted_at)
    .where(Contact.id > bindparam("after"))
    .order_by(Contact.id)
    .limit(BATCH)
)
_NUMBERS = (
    select(PhoneNumber.contact_id, PhoneNumber.normal_form)
    .where(PhoneNumber.contact_id.between(bindparam("first"), bindparam("last")))
    .order_by(PhoneNumber.contact_id, PhoneNumber.position, PhoneNumber.id)
)
_UPDATE = (
    update(Contact.__table__)
    .where(Contact.__table__.c.id == bindparam("contact_id"))
    .values(
        search_text=bindparam("search_text"),
        sort_name=bindparam("sort_name"),
        updated_at=Contact.__table__.c.updated_at,
    )
)


def rebuild_search() -> int:
    """Rewrite the search text of every contact, and the index; return how many.

    For contacts that were loaded in bulk with an empty `search_text`, and after the rules above
    have changed. The demo's seed and the benchmark call it. Filling SQLite's index in one go is
    several times faster than row by row. Memory stays flat. Does not commit.
    """
    take_write_lock()  # from here on all or nothing: the triggers are restored if anything fails
    sqlite = db.engine.dialect.name == "sqlite"
    triggers = db.session.execute(_TRIGGERS).all() if sqlite else []
    for name, _statement in triggers:
        db.session.execute(text(f"DROP TRIGGER {name}"))
    written = last = 0
    while contacts := db.session.execute(_CONTACTS, {"after": last}).all():
        numbers: dict[int, list[str]] = defaultdict(list)
        of_these = {"first": contacts[0].id, "last": contacts[-1].id}
        for contact_id, normal_form in db.session.execute(_NUMBERS, of_these):
            numbers[contact_id].append(normal_form)
        texts = [_texts(contact, numbers.get(contact.id, [])) for contact in contacts]
        # On the connection, without a million objects; `updated_at` stays as it is.
        db.session.connection().execute(_UPDATE, texts)
        written += len(texts)
        last = contacts[-1].id
    if sqlite:
        db.session.execute(text("INSERT INTO contact_search(contact_search) VALUES ('rebuild')"))
    for _name, statement in triggers:
        db.session.execute(text(statement))
    return written


def _texts(contact: Any, numbers: list[str]) -> dict[str, Any]:
    words = search_text_of(contact.name, contact.company, contact.email, numbers)
    return {
        "contact_id": contact.id,
        "search_text": "" if contact.deleted_at else words,
        "sort_name": sort_name_of(contact.name),
    }
