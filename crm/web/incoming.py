"""Makes what comes in harmless before any view reads it: text and ids that no database can keep.

`security.init_app` installs it. `row_id` and `version_of` read a form or a query.
"""

from typing import Any

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1  # of a PostgreSQL integer


class Parameters(ImmutableMultiDict[str, Any]):
    """Query, form and cookies without NUL, the one character that PostgreSQL refuses in a text."""

    def __init__(self, mapping: Any = None) -> None:
        super().__init__(mapping)
        for values in dict.values(self):
            values[:] = [value.replace("\x00", "") for value in values]


class CrmRequest(Request):
    """Flask's request, its parameters cleaned."""

    parameter_storage_class = Parameters


class RowIdConverter(IntegerConverter):
    """`<int:…>` in an address: a number that is too large to be an id is 404, no fault."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_ID, **options})


def init_app(app: Flask) -> None:
    """To be called before the blueprints are registered."""
    app.request_class = CrmRequest
    app.url_map.converters["int"] = RowIdConverter


def row_id(text: str) -> int:
    """An id in a form or a query, for `get(…, type=row_id)`. Raises ValueError."""
    number = int(text)
    if not 0 < number <= LARGEST_ID:
        raise ValueError("no row has this id")
    return number


def version_of(text: str) -> int:
    """A row's version in a form; 0, which no row has, for what cannot be read."""
    try:
        return row_id(text)
    except ValueError:
        return 0
