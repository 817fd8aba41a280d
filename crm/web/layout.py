"""Chooses between a whole page and the `#main` fragment, and the language of both.

`crm.pages.init_app` installs it, after Flask-Babel has been bound to the application.
"""

from functools import lru_cache
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from flask_babel import get_locale, get_translations, refresh
from flask_login import current_user
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from crm.translations import LANGUAGES

THEMES = ("light", "dark")


def init_app(app: Flask) -> None:
    """Give templates `layout`, `lang`, `theme` and their translations, and set the Vary header."""
    app.context_processor(template_context)
    app.after_request(vary)
    # In place of Flask-Babel's functions, which look up the language at every `_("…")`: a card
    # or a list has dozens of them.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: catalogue().ugettext(text),
        ngettext=lambda one, many, count: catalogue().ungettext(one, many, count),
        newstyle=True,
        pgettext=lambda context, text: catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, count: catalogue().unpgettext(
            context, one, many, count
        ),
    )
    app.jinja_env.globals["_"] = translated


def wants_fragment() -> bool:
    """Whether htmx sent the request and wants only `#main`.

    A history restore has HX-History-Restore-Request, with or without HX-Request.
    """
    headers = request.headers
    return "HX-Request" in headers or "HX-History-Restore-Request" in headers


def template_context() -> dict[str, object]:
    """Pages extend `layout`: the whole page, or `#main` alone for htmx."""
    theme = request.cookies.get("theme", "")  # set by static/js/controls.js
    return {
        "layout": "_main.html" if wants_fragment() else "base.html",
        "lang": str(get_locale() or "en"),
        "theme": theme if theme in THEMES else "",
    }


def choose_locale() -> str | None:
    """The agent's choice, else the browser's; English for commands, which have no request."""
    if not has_request_context():
        return None
    chosen = g.get("language")
    if chosen is None and request.endpoint != "static" and current_user:
        chosen = getattr(current_user, "locale", None)
    if chosen in LANGUAGES:
        return str(chosen)
    return _best_language(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=100)
def _best_language(header: str) -> str | None:
    """Browsers send the same few headers again and again."""
    return parse_accept_header(header, LanguageAccept).best_match(LANGUAGES)


def speak(language: str | None) -> None:
    """Answer this request in a language that was chosen with it; None or "": in the browser's."""
    g.language = language or ""
    g.pop("catalogue", None)
    refresh()


def vary(response: Response) -> Response:
    """The same address answers with a page or a fragment, in the reader's language."""
    if request.endpoint != "static":
        response.vary.update(
            ("HX-Request", "HX-History-Restore-Request", "Cookie", "Accept-Language")
        )
    return response


def translated(text: str, /, **values: object) -> Markup:
    """`_("…")` of a template: the text in the reader's language, the values in it escaped.

    Jinja's own makes three calls of each, and a card has a dozen.
    """
    words = _words(catalogue(), text)
    return words % values if "%" in words else words


@lru_cache(maxsize=4_000)
def _words(translations: Any, text: str) -> Markup:
    return Markup(translations.ugettext(text))  # noqa: S704 - the catalogue is ours


def catalogue() -> Any:
    """This request's translations."""
    known = g.get("catalogue")
    if known is None:
        known = g.catalogue = get_translations()
    return known
