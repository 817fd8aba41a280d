"""Which fields of a contact's form its writer has not touched: those that read as they were shown.

The form carries a mark of each field as it was shown; a field that nobody typed in is no edit, and
takes what somebody else has saved in it meanwhile.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from crm.models import Contact

LENGTH = 16  # of a mark; it tells texts apart and keeps no secret


def values_of(contact: Contact) -> dict[str, Any]:
    """The form's fields, as the contact is now."""
    return {
        "name": contact.name,
        "company": contact.company,
        "email": contact.email,
        "notes": contact.notes,
        "numbers": [{"raw": one.raw, "label": one.label} for one in contact.phone_numbers],
    }


def marks(values: Mapping[str, Any]) -> str:
    """What the form carries."""
    return " ".join(f"{name}:{_mark(value)}" for name, value in values.items())


def untouched(typed: Mapping[str, Any], shown: str) -> list[str]:
    """Names of the fields that are as they were shown; none, where the form carries no marks."""
    marked = shown.split()
    return [name for name, value in typed.items() if f"{name}:{_mark(value)}" in marked]


def _mark(value: Any) -> str:
    """The same for what reads the same: browsers write line ends their own way, and empty lines."""
    if isinstance(value, list):
        value = "\n".join(f"{line['raw']}\t{line['label']}" for line in value if line["raw"])
    text = (value or "").replace("\r\n", "\n").replace("\x00", "").strip()
    return sha256(text.encode()).hexdigest()[:LENGTH]
