"""Lists page by key: a page begins behind the last row of the page before, so that a row which
comes in meanwhile shifts nothing. `crm.web.paging` reads and writes the cursors of addresses.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, tuple_

Statement = TypeVar("Statement", bound=Select[Any])


class Cursor(NamedTuple):
    """The last row of the page before, in a list that is ordered by a moment and then by id."""

    at: datetime
    id: int

    def __str__(self) -> str:
        """As an address holds it: "2026-07-01T09:00:00+00:00,17"."""
        return f"{self.at.isoformat()},{self.id}"


def page_of(
    statement: Statement,
    key: Sequence[Any],
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    ascending: bool = False,
) -> Statement:
    """The rows behind the cursor, ordered by the columns of `key`, the highest first."""
    if cursor is not None:
        rows, last = tuple_(*key), tuple_(*cursor)
        statement = statement.where(rows > last if ascending else rows < last)
    return statement.order_by(*(key if ascending else [one.desc() for one in key])).limit(limit)
