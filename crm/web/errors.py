"""Error pages that say what to do, whole or inside `#main`."""

import logging

from flask import Flask, Response, make_response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf
from werkzeug.exceptions import HTTPException, InternalServerError

from crm.extensions import db
from crm.web.layout import wants_fragment
from crm.web.log_lines import CleanLines


def init_app(app: Flask) -> None:
    """Handle every HTTP error; a 401 shows the login instead (`crm.pages.login`)."""
    for logger in (app.logger, logging.getLogger("werkzeug")):  # the second: `flask run`
        logger.addFilter(CleanLines())
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(InternalServerError, server_error)


def http_error(error: HTTPException) -> Response:
    """The page for any HTTP error that has no handler of its own."""
    status = error.code or 500
    return into_main(make_response(render_template("errors/error.html", status=status), status))


def csrf_error(_error: CSRFError) -> Response:
    """400: the form is from another website, or from a page older than the login.

    A login in another tab makes this tab's token invalid. The answer has the valid token and its
    agent; `static/js/requests.js` takes it only for the same agent.
    """
    answer = into_main(make_response(render_template("errors/csrf.html"), 400))
    if current_user.is_authenticated:
        answer.headers["X-CSRFToken"] = generate_csrf()
        answer.headers["X-Agent"] = str(current_user.id)
    return answer


def server_error(error: InternalServerError) -> Response:
    """500: roll back what is half done."""
    db.session.rollback()
    return http_error(error)


def into_main(answer: Response) -> Response:
    """Show an answer in `#main`, whichever fragment asked for it."""
    if wants_fragment() and "HX-History-Restore-Request" not in request.headers:
        answer.headers["HX-Retarget"] = "#main"
        answer.headers["HX-Reswap"] = "outerHTML"
    return answer
