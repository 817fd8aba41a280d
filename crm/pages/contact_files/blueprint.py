"""The blueprint of the pages that import contacts, and how each answers with the import's page."""

from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm.contact_files import runs
from crm.contact_files.runs import NoImport
from crm.extensions import db
from crm.models import ContactImport, Stage, utc_now
from crm.pages.contact_files import lines, words
from crm.pages.contacts.form import label_text
from crm.phone_numbers import display, read
from crm.web.layout import wants_fragment
from crm.worker import status

blueprint = Blueprint("contact_files", __name__, url_prefix="/contacts/import")


@blueprint.context_processor
def functions() -> dict[str, object]:
    """What the templates of imports call."""
    return {
        "words": words,
        "working": runs.WORKING,
        "can_be_undone": runs.can_be_undone,
        "plain_form": FlaskForm(formdata=None),
        "label_text": label_text,
        "shown": shown,
    }


def shown(raw: str, region: str) -> str:
    """A number of a file as it is going to be shown."""
    read_as = read(raw, region)
    return display(read_as.number, region, read_as.extension) if read_as.number else raw


def found(import_id: int) -> ContactImport:
    """An import; 404 when there is none."""
    run: ContactImport | None = db.session.get(ContactImport, import_id, populate_existing=True)
    if run is None:
        raise NotFound
    return run


@blueprint.errorhandler(NoImport)
def none_there(_error: NoImport) -> Any:
    """An import that was discarded meanwhile is not there."""
    return current_app.handle_http_exception(NotFound())


def show(import_id: int, *, sentence: str = "", status_code: int = 200) -> Response:
    """The answer to every step: the import's page as it is now. sentence: what was refused."""
    url = url_for("contact_files.one_import", import_id=import_id)
    if not wants_fragment() and status_code == 200:  # noqa: PLR2004
        return redirect(url, 303)
    answer = page(found(import_id), sentence=sentence)
    answer.status_code = status_code
    answer.headers["HX-Push-Url"] = url
    return answer


def page(run: ContactImport, *, sentence: str = "") -> Response:
    """The whole page of an import."""
    return make_response(
        render_template("contact_files/import.html", **_of(run), sentence=sentence)
    )


def part(run: ContactImport) -> Response:
    """What of the page changes while the worker is at it; it asks for itself until it is not."""
    answer = make_response(render_template("contact_files/_stage.html", **_of(run)))
    if run.stage in (Stage.DONE, Stage.UNDONE):
        answer.headers["HX-Trigger"] = "contacts-changed, calls-changed"
    return answer


def _of(run: ContactImport) -> dict[str, object]:
    waits = run.stage in runs.WORKING
    return {
        "run": run,
        "overdue_since": status.standing(now=utc_now()).overdue_since if waits else None,
        **lines.of_stage(run),
    }
