"""Errors in words a person can act on, as a page or inside `#main`."""

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from crm.extensions import db
from crm.web.layout import wants_fragment


def init_app(app: Flask) -> None:
    """Every HTTP error is answered by `errors/error.html`; 401 shows the login (see auth)."""
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(InternalServerError, server_error)


def http_error(error: HTTPException) -> Response:
    """The page for any HTTP error that has no handler of its own."""
    return _page(error, error.code or 500)


def csrf_error(error: CSRFError) -> Response:
    """400: the form was not sent from a page of ours, or from one opened before a new login."""
    return _page(error, 400, template="errors/csrf.html")


def server_error(error: InternalServerError) -> Response:
    """500: nothing half-done is kept."""
    db.session.rollback()
    return _page(error, 500)


def _page(error: HTTPException, status: int, template: str = "errors/error.html") -> Response:
    answer = make_response(render_template(template, status=status, error=error), status)
    if wants_fragment():
        # Whatever small piece asked for it, the words belong where the page is.
        if "HX-History-Restore-Request" not in request.headers:
            answer.headers["HX-Retarget"] = "#main"
            answer.headers["HX-Reswap"] = "outerHTML"
    return answer
