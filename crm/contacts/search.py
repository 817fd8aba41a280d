"""Finding contacts by what somebody types, a page at a time.

Called by the contacts pages. SQLite answers from its FTS5 table `contact_search`, PostgreSQL from
an index over the same text; both are made by the migrations.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import bindparam, column, table, text

from crm.contacts import listing, query
from crm.contacts.rows import SELECT_ROWS, ContactRow, fetch
from crm.extensions import db
from crm.models import Contact

PAGE = 50


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of contacts; `next_cursor` is what `after` takes for the next, None at the end."""

    rows: tuple[ContactRow, ...]
    next_cursor: str | None


_FTS5 = table("contact_search", column("rowid"))
_IN_SQLITE = (
    SELECT_ROWS.join(_FTS5, Contact.id == _FTS5.c.rowid)
    .where(text("contact_search MATCH :words"), _FTS5.c.rowid > bindparam("after"))
    .order_by(_FTS5.c.rowid)
    .limit(bindparam("limit"))
)
# The expression of the index `contact_search_words`, so that PostgreSQL uses it.
_VECTOR = "array_to_tsvector(string_to_array(contact.search_text, ' '))"
_IN_POSTGRESQL = (
    SELECT_ROWS.where(
        text(f"{_VECTOR} @@ CAST(:words AS tsquery)"), Contact.id > bindparam("after")
    )
    .order_by(Contact.id)
    .limit(bindparam("limit"))
)


def search(
    words: str, *, region: str = "", after: str | None = None, limit: int = PAGE
) -> SearchPage:
    """Return the contacts that fit what was typed, or all by name when that asks for nothing.

    Every word is the beginning of a word of name, company or e-mail, or its digits are the
    beginning or the end of a number, in whatever way it is written; `region` ("TR") is where the
    agent is at home. What is found comes unranked, in the order in which it was created.
    `after` is the `next_cursor` of the page before; one that cannot be read counts as none.
    """
    expression = query.read(words, region)
    if expression is None:
        rows = listing.by_name(after, limit + 1)
        return _page(rows, limit, listing.cursor)
    rows = _matching(expression, listing.whole_number(after or ""), limit + 1)
    return _page(rows, limit, lambda last: str(last.id))


def _matching(expression: query.Expression, after: int, limit: int) -> tuple[ContactRow, ...]:
    if db.engine.dialect.name == "sqlite":
        statement, words = _IN_SQLITE, query.to_fts5(expression)
    else:
        statement, words = _IN_POSTGRESQL, query.to_tsquery(expression)
    return fetch(statement, {"words": words, "after": after, "limit": limit})


def _page(
    rows: tuple[ContactRow, ...], limit: int, cursor: Callable[[ContactRow], str]
) -> SearchPage:
    """One row more than the page holds was asked for: it tells that there is a next page."""
    shown = rows[:limit]
    return SearchPage(shown, cursor(shown[-1]) if len(rows) > limit else None)
