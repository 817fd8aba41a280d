"""The blueprint of all contact pages, and what their templates share."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from flask import Blueprint

from crm import calls
from crm.phone_numbers import display
from crm.web import current_agent
from crm.web.contacts.form import label_text

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")


@blueprint.context_processor
def words() -> dict[str, Callable[..., Any]]:
    """How templates write numbers, their labels, and the result of a contact's last call.

    shown: a number as the agent's country writes it. once: a macro that is drawn once for each
    set of arguments, for long lists.
    """
    agent = current_agent.get()  # nobody, when the login takes the place of a page
    return {
        "shown": partial(display, region=getattr(agent, "region", "")),
        "label_text": label_text,
        "result_of": result_of,
        "once": cache,
    }


def result_of(last_call_summary: str) -> str:
    """The state that `state_mark` draws for a last call."""
    return calls.result_and_note(last_call_summary)[0]
