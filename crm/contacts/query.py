"""What somebody typed into the search field, as an expression, and as each database wants it.

An expression's leaves are beginnings of words of the search text. Whatever is typed, nothing of
it reaches the database but letters, digits and the two marks of number keys.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crm import phone_numbers
from crm.contacts.folding import words
from crm.contacts.number_keys import key_beginnings
from crm.phone_numbers import digits, is_complete

MAX_CHARACTERS = 200
MAX_TERMS = 10

_IGNORED = re.compile(r"^\s*tel:|\(0\)", re.IGNORECASE)


@dataclass(frozen=True)
class All:
    """All of these must fit."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True)
class Any:
    """One of these must fit."""

    parts: "tuple[Expression, ...]"


Expression = str | All | Any


def read(query: str, region: str) -> Expression | None:
    """Read a query: all of its words and numbers must fit. None when it asks for nothing.

    Digits that stand together, whatever is between them ("0532 000", "+90 (532) 000"), are the
    digits of one number, or each of them a word of its own. What a page shows of a whole number,
    "(0216) 555 01 02 ext. 12", asks for who has the number.
    """
    terms: list[Expression] = []
    for chunks in _runs(_IGNORED.sub(" ", query[:MAX_CHARACTERS])):
        if _is_numeric(chunks[0]):
            terms.append(_numbers(chunks[:MAX_TERMS], region))
        else:
            terms += [_word(word, region) for word in words(chunks[0])]
    if not terms:
        return None
    wanted = All(tuple(terms[:MAX_TERMS]))
    written = phone_numbers.read(query[:MAX_CHARACTERS], region)
    if is_complete(written.number) or written.extension:
        return Any((wanted, *key_beginnings(written.number, region)))
    return wanted


def to_fts5(expression: Expression) -> str:
    """Write an expression for SQLite's FTS5."""
    match expression:
        case All(parts):
            return "(" + " AND ".join(map(to_fts5, parts)) + ")"
        case Any(parts):
            return "(" + " OR ".join(map(to_fts5, parts)) + ")"
        case _:
            return f'"{expression}"*'


def to_tsquery(expression: Expression) -> str:
    """Write an expression as a tsquery of PostgreSQL."""
    match expression:
        case All(parts):
            return "(" + " & ".join(map(to_tsquery, parts)) + ")"
        case Any(parts):
            return "(" + " | ".join(map(to_tsquery, parts)) + ")"
        case _:
            return f"'{expression}':*"


def _runs(text: str) -> Iterator[list[str]]:
    """The chunks between spaces; those of one number together. What holds nothing is left out."""
    run: list[str] = []
    for chunk in text.split():
        if _is_numeric(chunk):
            run.append(chunk)
        elif words(chunk):
            if run:
                yield run
                run = []
            yield [chunk]
    if run:
        yield run


def _is_numeric(chunk: str) -> bool:
    return bool(digits(chunk)) and not any(letter.isalpha() or letter == "@" for letter in chunk)


def _numbers(chunks: list[str], region: str) -> Expression:
    joined = _digits(" ".join(chunks), region)
    if len(chunks) == 1:
        return joined
    return Any((joined, All(tuple(_digits(chunk, region) for chunk in chunks))))


def _word(word: str, region: str) -> Expression:
    return _digits(word, region) if digits(word) == word else word


def _digits(typed: str, region: str) -> Expression:
    """Digits are in a name too ("3M", "Studio 54"), so they may be a word as they stand."""
    return Any((digits(typed), *key_beginnings(typed, region)))
