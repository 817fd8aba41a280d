"""The blueprint of all contact pages, and what their templates share."""

from collections.abc import Callable

from flask import Blueprint
from flask_login import current_user

from crm import calls
from crm.phone_numbers import display
from crm.web.contacts.form import label_text

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")


@blueprint.context_processor
def words() -> dict[str, Callable[[str], str]]:
    """How templates write numbers, their labels, and the result of a contact's last call."""
    return {"shown": shown, "label_text": label_text, "result_of": result_of}


def shown(normal_form: str) -> str:
    """A number as the agent's country writes it."""
    return display(normal_form, current_user.region)


def result_of(last_call_summary: str) -> str:
    """The state that `state_mark` draws for a last call."""
    return calls.result_and_note(last_call_summary)[0]
