"""A contact as a file has it, checked before anything is written.

`columns` and `vcards` make drafts of rows; `checking` and `writing` ask `check` what is wrong with
one and by which keys it is known.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from email_validator import EmailNotValidError, validate_email

from crm.contacts import ContactData, Number
from crm.phone_numbers import Problem, Written, digits, is_complete, read

# As the form of a contact has them (`crm.pages.contacts.form`).
LONGEST = {"name": 200, "company": 200, "email": 254, "notes": 10_000, "number": 50, "label": 50}
FEWEST_DIGITS = 3  # 182 is an extension or a service; 12 is what is left of a number
_SHORTENED = re.compile(r"[\d.,]+E\+?\d+", re.IGNORECASE)  # 9,05E+11: how Excel shows long numbers
_BETWEEN_NUMBERS = re.compile(r"[;/|,\n]")
_PROBLEMS = {
    Problem.NO_DIGITS: "number_no_digits",
    Problem.SEVERAL: "number_several",
    Problem.UNCLEAR: "number_unclear",
}

# A code and its values, as a row stores them; `crm.pages.contact_files.words` has the sentences.
RowProblem = list[str]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a row says about a contact. Numbers as they were written, with their labels."""

    name: str = ""
    company: str = ""
    emails: tuple[str, ...] = ()
    notes: str = ""
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A draft as it would be saved, and why it cannot be.

    keys: its numbers and e-mail addresses, by which duplicates are found. has_name: whether the
    name is one, not a company, address or number in its place.
    """

    data: ContactData
    has_name: bool
    problems: list[RowProblem]
    keys: tuple[str, ...]

    def with_name_alone(self) -> ContactData:
        """What completes a contact: a company or an address in a name's place is no name."""
        return self.data if self.has_name else replace(self.data, name="")


def check(draft: Draft, region: str) -> Checked:
    """Bring a draft to the form of a contact. `region` ("TR"): the country of national numbers."""
    problems: list[RowProblem] = []
    numbers, written = _numbers(draft.numbers, region, problems)
    emails = list(dict.fromkeys(text.removeprefix("mailto:") for text in draft.emails if text))
    for email in emails:
        if not _is_email(email):
            problems.append(["bad_email", email[:100]])
    # A contact has one e-mail address; the others are kept where people read them.
    notes = "\n".join(filter(None, (draft.notes, *(f"E-mail: {email}" for email in emails[1:]))))
    first_number = numbers[0].raw if numbers else ""
    data = ContactData(
        name=draft.name or draft.company or next(iter(emails), "") or first_number,
        company=draft.company,
        email=next(iter(emails), ""),
        notes=notes,
        numbers=tuple(numbers),
    )
    if not data.name:
        problems.append(["no_name"])
    for field in ("name", "company", "email", "notes"):
        if len(getattr(data, field)) > LONGEST[field]:
            problems.append([f"long_{field}", str(LONGEST[field])])
    # Every company has an extension 101; only a whole number says who somebody is.
    whole = [number_key(one) for one in written if is_complete(one.number)]
    keys = [*whole, *(email.lower() for email in emails)]
    return Checked(data, bool(draft.name), problems, tuple(dict.fromkeys(keys)))


def number_key(written: Written) -> str:
    """Two extensions of a switchboard are two people."""
    return f"{written.number};{written.extension}" if written.extension else written.number


def _numbers(
    typed: Sequence[Number], region: str, problems: list[RowProblem]
) -> tuple[list[Number], list[Written]]:
    """The numbers that can be kept, each once; adds the others to `problems`."""
    kept: dict[Written, Number] = {}
    for number in _one_by_one(typed, region):
        read_as = read(number.raw, region)
        problem = None
        if len(number.raw) > LONGEST["number"]:
            problem = "number_long"
        elif _SHORTENED.fullmatch(number.raw):
            problem = "number_shortened"
        elif read_as.problem:
            problem = _PROBLEMS[read_as.problem]
        elif read_as.number[0] not in "*#" and len(digits(read_as.number)) < FEWEST_DIGITS:
            problem = "number_short"
        if problem:
            problems.append([problem, number.raw[:100]])
        else:
            same = Written(read_as.number, read_as.extension, read_as.codes)
            kept.setdefault(same, Number(number.raw, number.label[: LONGEST["label"]]))
    return list(kept.values()), list(kept)


def _one_by_one(typed: Sequence[Number], region: str) -> Iterator[Number]:
    """A cell may have several whole numbers; one without a letter or a digit has none."""
    for number in typed:
        if not any(map(str.isalnum, number.raw)):
            continue
        parts = [part.strip() for part in _BETWEEN_NUMBERS.split(number.raw) if part.strip()]
        if read(number.raw, region).problem is Problem.SEVERAL and all(
            is_complete(read(part, region).number) for part in parts
        ):
            yield from (Number(part, number.label) for part in parts)
        else:
            yield number


def _is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
