"""The blueprint of the settings pages, and functions that their views share."""

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, make_response, redirect
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from crm.web.layout import wants_fragment

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


class PlainForm(FlaskForm):
    """A form without fields: a button and the CSRF token."""


def show_problems(form: FlaskForm, problems: Mapping[str, str]) -> None:
    """Put each sentence at its field, or above the form when it has no such field."""
    for name, sentence in problems.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
        else:
            form.form_errors.append(sentence)


def saved(sentence: str, url: str, page: Callable[[], str]) -> Response:
    """The answer to a saved form: the next page with a message.

    htmx gets the page at once; without JavaScript the browser is redirected.
    """
    flash(sentence, "success")
    if not wants_fragment():
        return redirect(url, 303)
    answer = make_response(page())
    answer.headers["HX-Push-Url"] = url
    return answer
