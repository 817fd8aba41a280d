"""The numbers of a contact: checked, brought to their normal form, kept in order.

Called by `crm.contacts.changes`; the forms show what is refused at the field it stands in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crm.models import Contact, PhoneNumber
from crm.phone_numbers import digits, normal_form

MAX_LENGTH = 50


@dataclass(frozen=True)
class Number:
    """A number as somebody typed it, and what it is for: mobile, work, home, other or ""."""

    raw: str
    label: str = ""


class NumberProblem(StrEnum):
    """Why a number is refused."""

    NO_DIGITS = "no_digits"
    TOO_LONG = "too_long"
    TWICE = "twice"


class NumberRefused(ValueError):  # noqa: N818 - says what happened
    """A number cannot be kept. `index` says which one, counted from 0; nothing was written."""

    def __init__(self, index: int, problem: NumberProblem) -> None:
        super().__init__(f"number {index}: {problem}")
        self.index = index
        self.problem = problem


def replace(contact: Contact, numbers: Sequence[Number], region: str) -> None:
    """Give a contact exactly these numbers, in this order.

    A number that stands as it was keeps its normal form: it may have been typed in another region.
    Raises NumberRefused.
    """
    known = {number.raw: number for number in contact.phone_numbers}
    forms = normal_forms(numbers, region, {raw: row.normal_form for raw, row in known.items()})
    rows_by_form = {row.normal_form: row for row in contact.phone_numbers}
    rows = []
    for position, (number, form) in enumerate(zip(numbers, forms, strict=True)):
        row = rows_by_form.get(form) or PhoneNumber(normal_form=form)
        row.raw, row.label, row.position = number.raw, number.label, position
        rows.append(row)
    contact.phone_numbers = rows


def append(contact: Contact, number: Number, form: str) -> None:
    """Put a number behind the others of a contact."""
    position = max((row.position for row in contact.phone_numbers), default=-1) + 1
    row = PhoneNumber(raw=number.raw, normal_form=form, label=number.label, position=position)
    contact.phone_numbers.append(row)


def normal_forms(
    numbers: Sequence[Number], region: str, known: dict[str, str] | None = None
) -> list[str]:
    """Return the normal forms of numbers; `known` are those that are not to be read anew.

    Raises NumberRefused for the first one that has no digits, is too long or is there twice.
    """
    forms: list[str] = []
    for index, number in enumerate(numbers):
        form = (known or {}).get(number.raw) or normal_form(number.raw, region)
        if len(number.raw) > MAX_LENGTH or len(form) > MAX_LENGTH:
            raise NumberRefused(index, NumberProblem.TOO_LONG)
        if not digits(number.raw) or not form:
            raise NumberRefused(index, NumberProblem.NO_DIGITS)
        if form in forms:
            raise NumberRefused(index, NumberProblem.TWICE)
        forms.append(form)
    return forms
