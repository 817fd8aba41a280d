"""Gives templates their translations, looked up once a request.

Flask-Babel asks for the language anew at every `_("…")`, and a card or a list has dozens of them.
`crm.web.init_app` calls this after Flask-Babel has been bound to the application.
"""

from typing import Any

from flask import Flask, g
from flask_babel import get_translations


def init_app(app: Flask) -> None:
    """Take the place of the functions that Flask-Babel gave to the templates."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, count: _catalogue().ungettext(one, many, count),
        newstyle=True,
        pgettext=lambda context, text: _catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, count: _catalogue().unpgettext(
            context, one, many, count
        ),
    )


def _catalogue() -> Any:
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue
