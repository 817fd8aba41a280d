"""The numbers of a contact: checked, brought to their normal form, kept in order.

Used by `changes` and `merge`. The contacts pages show a refusal at its field, and remarks on the
saved numbers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.names import fold
from crm.phone_numbers import Problem, Written, is_complete, read

MAX_LENGTH = 50
MOST_NAMES = 3

# Words that people write beside a number, folded, as the labels that a form offers.
_KINDS = {
    "mobile": {"mobile", "mobil", "cell", "cep", "cep tel", "gsm", "handy", "whatsapp"},
    "work": {"work", "office", "business", "is", "is tel", "ofis", "buro", "geschaftlich"},
    "home": {"home", "ev", "ev tel", "privat", "zuhause"},
    "other": {"other", "diger", "andere"},
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}


@dataclass(frozen=True)
class Number:
    """A number as somebody typed it, and its label: mobile, work, home, other or ""."""

    raw: str
    label: str = ""


class NumberProblem(StrEnum):
    """Why a number is refused."""

    NO_DIGITS = "no_digits"
    SEVERAL = "several"
    UNCLEAR = "unclear"
    TOO_LONG = "too_long"
    TWICE = "twice"


_PROBLEMS = {
    Problem.NO_DIGITS: NumberProblem.NO_DIGITS,
    Problem.SEVERAL: NumberProblem.SEVERAL,
    Problem.UNCLEAR: NumberProblem.UNCLEAR,
}
Identity = tuple[str, str, str]


class NumbersRefused(ValueError):  # noqa: N818 - says what happened
    """Numbers cannot be saved; nothing was written. `problems`: index from 0 -> reason."""

    def __init__(self, problems: Mapping[int, NumberProblem]) -> None:
        super().__init__(", ".join(f"number {at}: {problem}" for at, problem in problems.items()))
        self.problems = problems


def identity(number: PhoneNumber | Written) -> Identity:
    """What makes two numbers of a contact different: a switchboard may have two extensions.

    A number that cannot be read is identified by its text.
    """
    if isinstance(number, Written):
        return number.number, number.extension, number.codes
    return number.normal_form or f"? {number.raw}", number.extension, number.codes


def replace(contact: Contact, numbers: Sequence[Number], region: str) -> None:
    """Give a contact exactly these numbers, in this order.

    An unchanged number keeps its normal form: it may have been typed in another region. Raises
    NumbersRefused.
    """
    found = _read_all(numbers, region, contact.phone_numbers)
    rows = {identity(row): row for row in contact.phone_numbers}
    contact.phone_numbers = [
        _written(rows.get(identity(read_as)) or PhoneNumber(), number, read_as, position)
        for position, (number, read_as) in enumerate(zip(numbers, found, strict=True))
    ]


def check_numbers(numbers: Sequence[Number], region: str, known: Iterable[PhoneNumber]) -> None:
    """Whether a contact that has the numbers `known` can be given these. Raises NumbersRefused."""
    _read_all(numbers, region, known)


def append(contact: Contact, number: Number, region: str) -> bool:
    """Add a number after a contact's others; False if the contact has it already.

    Raises NumbersRefused.
    """
    (read_as,) = _read_all([number], region, [])
    if identity(read_as) in map(identity, contact.phone_numbers):
        return False
    contact.phone_numbers.append(_written(PhoneNumber(), number, read_as, _end(contact)))
    return True


def take_over(contact: Contact, number: PhoneNumber) -> None:
    """Add another contact's number after a contact's others, unchanged."""
    same = {name: getattr(number, name) for name in ("raw", "normal_form", "extension", "codes")}
    contact.phone_numbers.append(PhoneNumber(**same, label=number.label, position=_end(contact)))


def _end(contact: Contact) -> int:
    return max((row.position for row in contact.phone_numbers), default=-1) + 1


def _read_all(
    numbers: Sequence[Number], region: str, known: Iterable[PhoneNumber]
) -> list[Written]:
    """Read numbers; those of `known` stay as they are. Raises NumbersRefused."""
    as_before = {row.raw: row for row in known if row.normal_form}
    found: list[Written] = []
    problems: dict[int, NumberProblem] = {}
    for index, number in enumerate(numbers):
        read_as = read(number.raw, region)
        if row := as_before.get(number.raw):
            read_as = Written(*identity(row), label=read_as.label)
        if len(number.raw) > MAX_LENGTH:
            problems[index] = NumberProblem.TOO_LONG
        elif read_as.problem:
            problems[index] = _PROBLEMS[read_as.problem]
        elif identity(read_as) in map(identity, found):
            problems[index] = NumberProblem.TWICE
        else:
            found.append(read_as)
    if problems:
        raise NumbersRefused(problems)
    return found


def _written(row: PhoneNumber, number: Number, read_as: Written, position: int) -> PhoneNumber:
    """A word typed beside the number is its label, unless another one was chosen."""
    row.normal_form, row.extension, row.codes = identity(read_as)
    row.raw, row.position = number.raw, position
    row.label = number.label or kind_of(read_as.label)
    return row


def kind_of(words: str) -> str:
    """The label that a form offers for these words ("Cep" is mobile), or the words themselves."""
    return _KIND_OF.get(" ".join(fold(words).replace(".", " ").split()), words)


@dataclass(frozen=True)
class Remark:
    """A remark on a number that was saved."""

    number: PhoneNumber
    short: bool  # neither a full number, like `12`, nor a code with * or #
    others: tuple[str, ...]  # names of contacts that have it too, the first few of them


def remarks_on(contact: Contact, before: Collection[Identity] = ()) -> list[Remark]:
    """Remarks on a contact's numbers, except those that it had `before`."""
    found = []
    for number in contact.phone_numbers:
        if identity(number) in before:
            continue
        short = not is_complete(number.normal_form) and number.normal_form[:1] not in "*#"
        has_it = select(PhoneNumber.contact_id).where(PhoneNumber.normal_form == number.normal_form)
        others = select(Contact.name).where(
            Contact.id.in_(has_it), Contact.id != contact.id, Contact.deleted_at.is_(None)
        )
        names = tuple(db.session.scalars(others.order_by(Contact.id).limit(MOST_NAMES)))
        if short or names:
            found.append(Remark(number, short, names))
    return found


def identities(contact: Contact) -> set[Identity]:
    """The numbers that a contact has now, for `remarks_on` after a change."""
    return set(map(identity, contact.phone_numbers))
