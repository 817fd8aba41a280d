"""A person's browser in a test: logs in, carries the CSRF token, asks as a page or as htmx does."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from crm.extensions import db

Form = Mapping[str, Any]

HTMX = {"HX-Request": "true"}


class Browser:
    """One person's cookies. What the test has put into `db.session` is committed before a request.

    Every request runs in an application context of its own, as it does in production: without it
    `g`, and with it the logged-in person, would be carried from one request to the next.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def log_in(self, email: str, password: str) -> TestResponse:
        """Send the login form."""
        return self.post("/login", {"email": email, "password": password})

    def get(self, path: str, **options: Any) -> TestResponse:
        """Ask for a whole page."""
        return self._open("GET", path, **options)

    def post(self, path: str, data: Form | None = None, **options: Any) -> TestResponse:
        """Send a form as a browser without JavaScript does, with the token in a hidden field."""
        form = {**(data or {}), "csrf_token": self.csrf_token()}
        return self._open("POST", path, data=form, **options)

    def htmx_get(self, path: str, **options: Any) -> TestResponse:
        """Ask for a fragment."""
        return self._open("GET", path, headers=HTMX | options.pop("headers", {}), **options)

    def htmx_post(self, path: str, data: Form | None = None, **options: Any) -> TestResponse:
        """Send a form as htmx does, with the token in a header."""
        headers = HTMX | {"X-CSRFToken": self.csrf_token()} | options.pop("headers", {})
        return self._open("POST", path, data=data or {}, headers=headers, **options)

    def csrf_token(self) -> str:
        """The token that the pages of this person's login hold, made as Flask-WTF makes it."""
        with self.client.session_transaction() as session:
            secret = session.setdefault("csrf_token", "a secret of this login")
        serializer = URLSafeTimedSerializer(str(self.app.secret_key), salt="wtf-csrf-token")
        token = serializer.dumps(secret)
        return token.decode() if isinstance(token, bytes) else token

    def _open(self, method: str, path: str, **options: Any) -> TestResponse:
        db.session.commit()
        with self.app.app_context():
            # Read to its end: a list that is sent while it is read needs this context.
            return self.client.open(path, method=method, **{"buffered": True, **options})
