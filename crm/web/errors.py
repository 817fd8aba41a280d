"""Errors in words a person can act on, as a page or inside `#main`."""

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from crm.extensions import db
from crm.web.layout import wants_fragment

# The others are told with the page of their class: a 405 with that of a 400.
PAGES = (400, 403, 404, 429, 500)
FIRST_SERVER_ERROR = 500


def init_app(app: Flask) -> None:
    """Every HTTP error has a page; a 401 shows the login instead (see auth)."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(CSRFError, http_error)
    app.register_error_handler(InternalServerError, server_error)


def http_error(error: HTTPException) -> Response:
    """The page for any HTTP error that has no handler of its own."""
    status = error.code or FIRST_SERVER_ERROR
    page = status if status in PAGES else 400 if status < FIRST_SERVER_ERROR else 500
    answer = make_response(render_template(f"errors/{page}.html"), status)
    return into_main(answer)


def server_error(error: InternalServerError) -> Response:
    """500: nothing half-done is kept."""
    db.session.rollback()
    return http_error(error)


def into_main(answer: Response) -> Response:
    """Whatever small piece of the page asked for it: the answer belongs where the page is."""
    if wants_fragment() and "HX-History-Restore-Request" not in request.headers:
        answer.headers["HX-Retarget"] = "#main"
        answer.headers["HX-Reswap"] = "outerHTML"
    return answer
