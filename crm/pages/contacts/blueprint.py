"""The blueprint of all contact pages, and what their templates share."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from flask import Blueprint

from crm import calls
from crm.models import PhoneNumber
from crm.pages.contacts.form import label_text
from crm.phone_numbers import display
from crm.web import current_agent

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")


@blueprint.context_processor
def words() -> dict[str, Callable[..., Any]]:
    """Functions for templates: numbers, their labels, and the result of a contact's last call.

    shown: a number as the agent's country writes it. number_text: a contact's number with extension
    and codes. once: draws a macro once for each set of arguments, for long lists.
    """
    agent = current_agent.get()  # anonymous, if the login form replaces a page
    region = getattr(agent, "region", "")
    return {
        "shown": partial(display, region=region),
        "number_text": partial(number_text, region=region),
        "label_text": label_text,
        "result_of": result_of,
        "once": cache,
    }


def number_text(number: PhoneNumber, region: str) -> str:
    """A contact's number with its extension and codes; as it was typed when it cannot be read."""
    if not number.normal_form:
        return str(number.raw)
    written = display(number.normal_form, region, number.extension)
    return f"{written} {number.codes}".rstrip()


def result_of(last_call_summary: str) -> str:
    """The state that `state_mark` draws for a last call."""
    return calls.result_and_note(last_call_summary)[0]
