"""One page of a list: its start, its length, and the address of the next.

Lists go by key (`crm.models.paging`). A view reads one row more than the page is long and has
`cut` take it off again:

    length = paging.length(PAGE)
    found = calls.matching(wanted, before=paging.cursor(), limit=length + 1)
    rows, more = paging.cut(found, length, url_for("calls.log"))
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from flask import request

from crm.models.paging import Cursor
from crm.web.incoming import row_id

LONGEST_REFRESH = 300
LONGEST_BACK = 1000
# A moment at the limit of dates may not exist in another zone.
YEARS = range(1900, 3000)


class Listed(Protocol):
    """A row of a list."""

    @property
    def cursor(self) -> object:
        """The row's value in the address of the next page."""


Row = TypeVar("Row", bound=Listed)


def cursor(name: str = "before") -> Cursor | None:
    """The row after which the page begins; None for the first page, and for an invalid value."""
    moment, _comma, number = request.args.get(name, "").partition(",")
    try:
        at = datetime.fromisoformat(moment).astimezone(UTC)
        return Cursor(at, row_id(number)) if at.year in YEARS else None
    except (ValueError, OverflowError):
        return None


def length(usual: int) -> int:
    """The number of rows: as many as the list showed (`shown`) when it is refreshed, and when Back
    leads to it (static/js/navigation.js).
    """
    is_back = "HX-History-Restore-Request" in request.headers
    longest = LONGEST_BACK if is_back else LONGEST_REFRESH
    return min(max(usual, request.values.get("shown", 0, type=int)), longest)


def cut(
    found: Sequence[Row],
    length: int,
    url: str,
    *,
    fields: Mapping[str, str] | None = None,
    name: str = "before",
) -> tuple[list[Row], str | None]:
    """The rows of the page, and the address of the next; None at the end.

    url: the list's, without a query. `fields` are in every page's query.
    """
    rows = list(found[:length])
    if len(found) <= length:
        return rows, None
    return rows, f"{url}?{urlencode({**(fields or {}), name: str(rows[-1].cursor)})}"
