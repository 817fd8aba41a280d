"""The blueprint of all settings pages, and what their views share."""

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, make_response, redirect
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from crm.web.layout import wants_fragment

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


class PlainForm(FlaskForm):
    """A form without fields: a button and the token."""


def show_problems(form: FlaskForm, problems: Mapping[str, str]) -> None:
    """Put each sentence at its field; one that has no field here goes above the form."""
    for name, sentence in problems.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
        else:
            form.form_errors.append(sentence)


def saved(sentence: str, url: str, page: Callable[[], str]) -> Response:
    """The answer to a form that was taken: the next page, its address, and a word about it.

    htmx gets the page at once; a form without JavaScript is redirected.
    """
    flash(sentence, "success")
    if not wants_fragment():
        return redirect(url, 303)
    answer = make_response(page())
    answer.headers["HX-Push-Url"] = url
    return answer
