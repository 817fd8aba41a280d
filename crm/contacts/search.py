"""Finding contacts by what somebody types, a page at a time.

Called by the contacts pages. SQLite answers from its FTS5 table `contact_search`, PostgreSQL from
an index over the same text; both are made by the migrations.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import Integer, Select, bindparam, column, select, table, text

from crm.contacts import listing, query
from crm.contacts.rows import ContactRow, fetch
from crm.extensions import db
from crm.models import Contact

COUNTED = 50  # nobody reads further; what is beyond is "50+"


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of contacts; `next_cursor` is what `after` takes for the next, None at the end.

    found: how many there are from this page on, 51 for any number above 50.
    """

    rows: tuple[ContactRow, ...]
    next_cursor: str | None
    found: int

    @property
    def count(self) -> str:
        """How many there are, for people: "12", "50+"."""
        return str(self.found) if self.found <= COUNTED else f"{COUNTED}+"


# Ids first: the index alone can count to 51, and only the lines that are shown are read.
_FTS5 = table("contact_search", column("rowid", Integer))
_IN_SQLITE = (
    select(_FTS5.c.rowid)
    .where(text("contact_search MATCH :words"), _FTS5.c.rowid > bindparam("after"))
    .order_by(_FTS5.c.rowid)
    .limit(bindparam("limit"))
)
# The expression of the index `contact_search_words`, so that PostgreSQL uses it.
_VECTOR = "array_to_tsvector(string_to_array(contact.search_text, ' '))"
_CONTACT = Contact.__table__.c
_IN_POSTGRESQL = (
    select(_CONTACT.id)
    .where(text(f"{_VECTOR} @@ CAST(:words AS tsquery)"), _CONTACT.id > bindparam("after"))
    .order_by(_CONTACT.id)
    .limit(bindparam("limit"))
)


def search(
    words: str,
    *,
    region: str = "",
    after: str | None = None,
    limit: int = COUNTED,
    tenant_ids: Collection[int] = (),
) -> SearchPage:
    """Return the contacts that fit what was typed, or all by name when that asks for nothing.

    Every word is the beginning of a word of name, company or e-mail, or its digits are the
    beginning or the end of a number, in whatever way it is written; `region` ("TR") is where the
    agent is at home. What is found comes unranked, in the order in which it was created.
    `after` is the `next_cursor` of the page before; one that cannot be read counts as none.
    tenant_ids: whose calls the reader may hear of.
    """
    expression = query.read(words, region)
    look_for = max(limit, COUNTED) + 1
    if expression is None:
        return _page(listing.by_name(after, look_for), limit, tenant_ids, listing.cursor)
    ids = _matching(expression, listing.whole_number(after or ""), look_for)
    return _page(ids, limit, tenant_ids, lambda last: str(last.id))


def ids_that_fit(words: str, *, region: str = "") -> Select[tuple[int]] | None:
    """All contacts that fit what was typed, as a part of another query; None when it asks nothing.

    What fits is what `search` finds.
    """
    expression = query.read(words, region)
    if expression is None:
        return None
    if db.engine.dialect.name == "sqlite":
        fits = text("contact_search MATCH :fitting").bindparams(fitting=query.to_fts5(expression))
        return select(_FTS5.c.rowid).where(fits)
    fits = text(f"{_VECTOR} @@ CAST(:fitting AS tsquery)")
    return select(_CONTACT.id).where(fits.bindparams(fitting=query.to_tsquery(expression)))


def _matching(expression: query.Expression, after: int, limit: int) -> list[int]:
    if db.engine.dialect.name == "sqlite":
        statement, words = _IN_SQLITE, query.to_fts5(expression)
    else:
        statement, words = _IN_POSTGRESQL, query.to_tsquery(expression)
    parameters = {"words": words, "after": after, "limit": limit}
    return list(db.session.scalars(statement, parameters))


def _page(
    ids: list[int],
    limit: int,
    tenant_ids: Collection[int],
    cursor: Callable[[ContactRow], str],
) -> SearchPage:
    rows = fetch(ids[:limit], tenant_ids)
    next_cursor = cursor(rows[-1]) if rows and len(ids) > limit else None
    return SearchPage(rows, next_cursor, min(len(ids), COUNTED + 1))
