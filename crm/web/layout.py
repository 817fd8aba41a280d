"""Chooses between a whole page and the `#main` fragment, and the language of both."""

from flask import Flask, Response, has_request_context, request
from flask_babel import get_locale
from flask_login import current_user

LANGUAGES = ("en",)  # a language joins with its translations


def init_app(app: Flask) -> None:
    """Give templates `layout` and `lang`, and set the Vary header."""
    app.context_processor(template_context)
    app.after_request(vary)


def wants_fragment() -> bool:
    """Whether htmx sent the request and wants only `#main`.

    A history restore has HX-History-Restore-Request, with or without HX-Request.
    """
    headers = request.headers
    return "HX-Request" in headers or "HX-History-Restore-Request" in headers


def template_context() -> dict[str, object]:
    """Pages extend `layout`: the whole page, or `#main` alone for htmx."""
    return {
        "layout": "_main.html" if wants_fragment() else "base.html",
        "lang": str(get_locale() or "en"),
    }


def choose_locale() -> str | None:
    """The agent's choice, else the browser's; English for commands, which have no request."""
    if not has_request_context():
        return None
    if request.endpoint != "static" and current_user and current_user.is_authenticated:
        chosen: str | None = current_user.locale
        if chosen in LANGUAGES:
            return chosen
    return request.accept_languages.best_match(LANGUAGES)


def vary(response: Response) -> Response:
    """The same address answers with a page or a fragment."""
    if request.endpoint != "static":
        response.vary.update(("HX-Request", "HX-History-Restore-Request", "Cookie"))
    return response
