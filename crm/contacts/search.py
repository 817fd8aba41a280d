"""Finds contacts by typed words and digits, a page at a time.

Used by the contacts pages; `directory` asks for all matches. The query is read into an expression
whose leaves are beginnings of words of the search text. The expression is written in the syntax of
each database. SQLite answers from its FTS5 table `contact_search`, PostgreSQL from an index over
the same text; the migrations make both.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Integer, Select, bindparam, cast, column, func, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY

from crm import phone_numbers
from crm.contacts import lists
from crm.contacts.lists import ContactRow
from crm.contacts.search_text import key_beginnings, words
from crm.extensions import db
from crm.models import Contact
from crm.phone_numbers import digits, is_complete

COUNTED = 50  # nobody reads further; more is "more than 50"
FREQUENT = 3  # matches among 500 contacts, so that 51 are soon found by looking further
LONGEST_BEGINNING = 7  # letters of the beginnings in PostgreSQL's index (migration 0021)
MAX_CHARACTERS = 200
MAX_TERMS = 10

_IGNORED = re.compile(r"^\s*tel:|\(0\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of contacts."""

    rows: tuple[ContactRow, ...]
    next_cursor: str | None  # `after` of the next page, None at the end
    found: int  # results from this page on, 51 for any number above 50
    is_cut: bool = False  # not looked through to its end, so there may be more


@dataclass(frozen=True)
class All:
    """All of these must match."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True)
class Any:
    """One of these must match."""

    parts: "tuple[Expression, ...]"


Expression = str | All | Any


# Ids first: the index alone can count to 51, and only the visible lines are read.
_FTS5 = table("contact_search", column("rowid", Integer))
_IN_SQLITE = (
    select(_FTS5.c.rowid)
    .where(text("contact_search MATCH :words"), _FTS5.c.rowid > bindparam("after"))
    .order_by(_FTS5.c.rowid)
    .limit(bindparam("limit"))
)
# The function that the migration 0021 makes: all that match, always by the index.
_MATCHING = func.contacts_matching(cast(bindparam("words"), TSQUERY)).column_valued("id")
_IN_POSTGRESQL = (
    select(_MATCHING)
    .where(bindparam("after") < _MATCHING)
    .order_by(_MATCHING)
    .limit(bindparam("limit"))
)
# A query that matches many is answered by the next contacts, without the index.
_CONTACT = Contact.__table__.c
_NEXT = (
    select(_CONTACT.id, _CONTACT.search_text)
    .where(_CONTACT.id > bindparam("after"))
    .order_by(_CONTACT.id)
    .limit(bindparam("read"))
    .subquery()
)
_AMONG_THE_NEXT = (
    select(_NEXT.c.id)
    .where(
        func.array_to_tsvector(func.string_to_array(_NEXT.c.search_text, " ")).bool_op("@@")(
            cast(bindparam("words"), TSQUERY)
        )
    )
    .order_by(_NEXT.c.id)
    .limit(bindparam("limit"))
)


def search(
    typed: str,
    *,
    region: str = "",
    after: str | None = None,
    limit: int = COUNTED,
    tenant_ids: Collection[int] = (),
) -> SearchPage:
    """Return the contacts that match a query, or all by name if it is empty.

    Every word is the beginning of a word of name, company or e-mail, or its digits are the
    beginning or the end of a number, in any form; `region` ("TR") is the agent's country. Results
    are unranked, in the order in which they were created. `after` is the `next_cursor` of the
    previous page; an invalid one counts as none. tenant_ids: the tenants whose calls the reader
    may see.
    """
    expression = read(typed, region)
    look_for = max(limit, COUNTED) + 1
    if expression is None and typed.strip():
        return SearchPage((), None, 0)  # signs and pictures are in nobody's name
    if expression is None:
        ids = lists.by_name(after, look_for)
    else:
        ids = _matching(expression, lists.whole_number(after or ""), look_for)
    rows = lists.fetch(ids[:limit], tenant_ids)
    next_cursor = None
    if rows and len(ids) > limit:
        next_cursor = lists.cursor(rows[-1]) if expression is None else str(rows[-1].id)
    return SearchPage(rows, next_cursor, min(len(ids), COUNTED + 1))


def _matching(expression: Expression, after: int, limit: int) -> list[int]:
    """The first ids behind `after` that match, in their order.

    PostgreSQL's planner cannot know how many match. The order of ids is fast for a query that
    matches many and slow for one that matches few; the index is the other way round. So the next
    contacts are looked through first, more of them if some match, and the index is asked if there
    are not enough among them. Each that is looked through costs a microsecond.
    """
    page: dict[str, object] = {"after": after, "limit": limit}
    if db.engine.dialect.name == "sqlite":
        return list(db.session.scalars(_IN_SQLITE, page | {"words": to_fts5(expression)}))
    page["words"] = to_tsquery(expression)
    ids = list(db.session.scalars(_AMONG_THE_NEXT, page | {"read": 500}))
    if FREQUENT <= len(ids) < limit:
        ids = list(db.session.scalars(_AMONG_THE_NEXT, page | {"read": 10_000}))
    if len(ids) == limit:
        return ids
    page["words"] = to_tsquery(expression, indexed=True)
    return list(db.session.scalars(_IN_POSTGRESQL, page))


def all_fitting(typed: str, *, region: str = "") -> Select[tuple[int]] | None:
    """Return the ids of all that `search` finds, as a subquery; None for an empty query."""
    expression = read(typed, region)
    if expression is None:
        return None
    if db.engine.dialect.name == "sqlite":
        fits = text("contact_search MATCH :fitting").bindparams(fitting=to_fts5(expression))
        return select(_FTS5.c.rowid).where(fits)
    matching = func.contacts_matching(cast(to_tsquery(expression, indexed=True), TSQUERY))
    return select(matching.column_valued("id"))


def fitting(ids: Collection[int], typed: str, *, region: str = "") -> set[int]:
    """Those of these contacts that `search` finds; all for an empty query."""
    expression = read(typed, region)
    if expression is None:
        return set() if typed.strip() else set(ids)
    statement = select(_CONTACT.id, _CONTACT.search_text).where(_CONTACT.id.in_(ids))
    found = db.session.execute(statement)
    return {contact_id for contact_id, words in found if _is_in(f" {words}", expression)}


def _is_in(words: str, expression: Expression) -> bool:
    """Whether the expression holds in a search text with a space before each word."""
    match expression:
        case All(parts):
            return all(_is_in(words, part) for part in parts)
        case Any(parts):
            return any(_is_in(words, part) for part in parts)
        case _:
            return f" {expression}" in words


def read(query: str, region: str) -> Expression | None:
    """Read a query: all of its words and numbers must match. None if it is empty.

    Neighbouring digits, whatever is between them ("0532 000", "+90 (532) 000"), are the digits of
    one number, or each group is a word of its own. A full number as a page shows it, "(0216) 555 01
    02 ext. 12", finds the contacts that have the number. Only letters, digits and the two marks of
    number keys reach the database.
    """
    terms: list[Expression] = []
    for chunks in _runs(_IGNORED.sub(" ", query[:MAX_CHARACTERS])):
        if not _is_numeric(chunks[0]):
            terms += [
                _digits(word, region) if digits(word) == word else word for word in words(chunks[0])
            ]
        elif len(chunks) == 1:
            terms.append(_digits(chunks[0], region))
        else:
            few = chunks[:MAX_TERMS]
            each = All(tuple(_digits(chunk, region) for chunk in few))
            terms.append(Any((_digits(" ".join(few), region), each)))
    if not terms:
        return None
    wanted = All(tuple(terms[:MAX_TERMS]))
    written = phone_numbers.read(query[:MAX_CHARACTERS], region)
    if is_complete(written.number) or written.extension:
        return Any((wanted, *key_beginnings(written.number, region)))
    return wanted


def _runs(text: str) -> Iterator[list[str]]:
    """The chunks between spaces; those of one number together. Empty ones are left out."""
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


def _digits(typed: str, region: str) -> Expression:
    """Names have digits too ("3M", "Studio 54"), so they may also be a word."""
    return Any((digits(typed), *key_beginnings(typed, region)))


def to_fts5(expression: Expression) -> str:
    """Write an expression for SQLite's FTS5."""
    match expression:
        case All(parts):
            return "(" + " AND ".join(map(to_fts5, parts)) + ")"
        case Any(parts):
            return "(" + " OR ".join(map(to_fts5, parts)) + ")"
        case _:
            return f'"{expression}"*'


def to_tsquery(expression: Expression, *, indexed: bool = False) -> str:
    """Write an expression as a tsquery of PostgreSQL.

    indexed: for the index, in which a short beginning is a word of its own.
    """

    def written(part: Expression) -> str:
        match part:
            case All(parts):
                return "(" + " & ".join(map(written, parts)) + ")"
            case Any(parts):
                return "(" + " | ".join(map(written, parts)) + ")"
            case _:
                return f"'{part}'" if indexed and len(part) <= LONGEST_BEGINNING else f"'{part}':*"

    return written(expression)
