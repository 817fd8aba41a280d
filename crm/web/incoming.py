"""Cleans requests before a view reads them: text and ids that a database cannot store.

`security.init_app` installs it. `row_id`, `call_id`, `day_of`, `version_of` and `number_in` parse
values of a form or a query.
"""

import re
from collections.abc import Iterable
from datetime import date
from io import BytesIO
from typing import IO, Any
from uuid import UUID
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnprocessableEntity
from werkzeug.routing import IntegerConverter
from werkzeug.utils import cached_property

LARGEST_ID = 2**31 - 1  # of a PostgreSQL integer
_LOST_PLUS = re.compile(r"\s+(?=[1-9])")


class Parameters(ImmutableMultiDict[str, Any]):
    """Query, form and cookies without NUL, the one character that PostgreSQL refuses in a text.

    Flask uses this class for uploaded files as well; those are left alone.
    """

    def __init__(self, mapping: Any = None) -> None:
        super().__init__(mapping)
        for values in dict.values(self):
            values[:] = [
                value.replace("\x00", "") if isinstance(value, str) else value for value in values
            ]


class CrmRequest(Request):
    """Flask's request with clean parameters and a body no longer than allowed."""

    parameter_storage_class = Parameters

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body. Werkzeug would silently cut one that is sent without its length."""
        limit = self.max_content_length
        if limit is None or "wsgi.input_terminated" not in self.environ:
            return super().stream
        if self.content_length is not None:
            return super().stream
        body = b""
        while piece := self.environ["wsgi.input"].read(limit + 1 - len(body)):
            body += piece
            if len(body) > limit:
                raise RequestEntityTooLarge
        return BytesIO(body)


class RowIdConverter(IntegerConverter):
    """`<int:…>` in an address: a number too large for an id is a 404, not an error."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_ID, **options})


def init_app(app: Flask) -> None:
    """Must run before the blueprints are registered."""
    app.request_class = CrmRequest
    app.wsgi_app = single_slashes(app.wsgi_app)  # type: ignore[method-assign, assignment]
    app.url_map.converters["int"] = RowIdConverter


def single_slashes(application: WSGIApplication) -> WSGIApplication:
    """Serve `//webhooks//hangup/…` as `/webhooks/hangup/…`.

    Not every sender follows a redirect, and its address would contain the secret.
    """

    def served(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = re.sub("//+", "/", environ.get("PATH_INFO", ""))
        return application(environ, start_response)

    return served


def number_in(parameters: MultiDict[str, Any], name: str) -> str:
    """A telephone number. A space before a country code was a plus that was not encoded."""
    number = parameters.get(name, "")
    return _LOST_PLUS.sub("+", number, count=1) if _LOST_PLUS.match(number) else number


def row_id(text: str) -> int:
    """An id in a form or a query, for `get(…, type=row_id)`. Raises ValueError."""
    number = int(text)
    if not 0 < number <= LARGEST_ID:
        raise ValueError("no row has this id")
    return number


def call_id(text: str) -> str:
    """The page's own id of a call, a UUID from the browser, normalised. 422 for anything else."""
    try:
        return str(UUID(text))
    except ValueError:
        raise UnprocessableEntity from None


def day_of(text: str, first: date, last: date) -> date:
    """A day between two others, "2026-07-01". Raises ValueError."""
    day = date.fromisoformat(text)
    if day.isoformat() != text or not first <= day <= last:
        raise ValueError(text)
    return day


def version_of(text: str) -> int:
    """A row's version in a form; 0, which no row has, when it cannot be parsed."""
    try:
        return row_id(text)
    except ValueError:
        return 0
