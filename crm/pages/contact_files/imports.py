"""`/contacts/import`: a file of contacts is uploaded, looked at, imported, and taken back.

For admins: all tenants share the contacts, and one wrong file changes what everybody sees at the
next ring.
"""

from typing import Any

from flask import jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm.contact_files import job, runs, uploads
from crm.contact_files.columns import TARGETS
from crm.contact_files.runs import NotNow
from crm.extensions import db
from crm.models import ContactImport, RowState
from crm.pages.contact_files import lines
from crm.pages.contact_files.blueprint import blueprint, found, page, part, show
from crm.web import current_agent
from crm.web.incoming import row_id
from crm.web.layout import wants_fragment
from crm.web.security import admin_only

IMPORTS_SHOWN = 20
CONFLICT = 409


@blueprint.errorhandler(NotNow)
def not_now(_error: NotNow) -> Response:
    """Somebody else, or another tab, has moved the import on: show where it is."""
    import_id = (request.view_args or {}).get("import_id", 0)
    if request.endpoint in ("contact_files.piece", "contact_files.uploaded"):
        return make_response(_("This upload has ended meanwhile. Upload the file again."), CONFLICT)
    sentence = _("The import is at another step meanwhile; nothing was changed.")
    return show(import_id, sentence=sentence, status_code=CONFLICT)


@blueprint.get("")
@admin_only
def index() -> str:
    """The upload, and the imports so far."""
    newest = select(ContactImport).options(joinedload(ContactImport.asked_by))
    newest = newest.order_by(ContactImport.id.desc()).limit(IMPORTS_SHOWN)
    return render_template(
        "contact_files/index.html",
        runs=list(db.session.scalars(newest)),
        largest_file=uploads.LARGEST_FILE,
        largest_piece=uploads.LARGEST_PIECE,
    )


@blueprint.post("")
@admin_only
def upload() -> Response:
    """A short file (`file`), sent as a form by a browser without JavaScript."""
    file = request.files.get("file")
    data = file.read() if file else b""
    if file is None or not file.filename:
        return redirect(url_for("contact_files.index"), 303)
    import_id = _begin(file.filename, len(data))
    for place, start in enumerate(range(0, len(data), uploads.LARGEST_PIECE)):
        uploads.add_piece(import_id, place, data[start : start + uploads.LARGEST_PIECE])
    return uploaded(import_id)


@blueprint.post("/uploads")
@admin_only
def begin_upload() -> Response:
    """Begin an upload in pieces (`name`, `size`); answers with its address."""
    size = request.form.get("size", 0, type=int)
    if not 0 <= size <= uploads.LARGEST_FILE:
        return make_response(_("The file is larger than 100 MB. Cut it into several files."), 413)
    import_id = _begin(request.form.get("name", ""), size)
    return jsonify(url=url_for("contact_files.one_import", import_id=import_id))


def _begin(name: str, size: int) -> int:
    agent = current_agent.get()
    plain = "".join(letter for letter in name if letter.isprintable()).strip() or "?"
    return uploads.begin(plain, size, asked_by_id=agent.id, region=agent.region)


@blueprint.post("/<int:import_id>/pieces/<int:position>")
@admin_only
def piece(import_id: int, position: int) -> Response:
    """A piece of the file, the body of the request; the first one is 0."""
    uploads.add_piece(import_id, position, request.get_data(cache=False))
    return make_response("", 204)


@blueprint.post("/<int:import_id>/uploaded")
@admin_only
def uploaded(import_id: int) -> Response:
    """All pieces are there: the file is read, a short one at once."""
    uploads.finish_upload(import_id)
    job.go_on_now(import_id)
    return show(import_id)


@blueprint.get("/<int:import_id>")
@admin_only
def one_import(import_id: int) -> Response:
    """The import as it is now; with `part` what of it changes by itself."""
    run = found(import_id)
    return part(run) if wants_fragment() and "part" in request.args else page(run)


@blueprint.post("/<int:import_id>/preview")
@admin_only
def preview(import_id: int) -> str:
    """Fragment: the first rows, with the columns as they are chosen in the form."""
    run = found(import_id)
    return render_template(
        "contact_files/_preview.html", run=run, preview=lines.preview(run, _targets(run))
    )


@blueprint.post("/<int:import_id>/read-again")
@admin_only
def read_again(import_id: int) -> Response:
    """Read the file with another `encoding`, `delimiter`, `header`."""
    try:
        uploads.read_again(
            import_id,
            encoding=request.form.get("encoding", ""),
            delimiter=request.form.get("delimiter", ""),
            has_header=request.form.get("header") == "1",
        )
    except ValueError:
        raise NotNow from None
    job.go_on_now(import_id)
    return show(import_id)


@blueprint.post("/<int:import_id>/check")
@admin_only
def check(import_id: int) -> Response:
    """Compare all rows with the contacts; nothing is written to them."""
    run = found(import_id)
    runs.check(import_id, _targets(run))
    job.go_on_now(import_id)
    return show(import_id)


def _targets(run: ContactImport) -> list[str]:
    """What the form says that each column is; unknown words leave it out."""
    sent = [request.form.get(f"column-{place}", "") for place in range(len(run.columns))]
    return [target if target in TARGETS else "" for target in sent]


@blueprint.post("/<int:import_id>/columns")
@admin_only
def columns(import_id: int) -> Response:
    """Go back to the columns."""
    runs.choose_again(import_id)
    return show(import_id)


@blueprint.post("/<int:import_id>/write")
@admin_only
def write(import_id: int) -> Response:
    """Import; `same` and `shared` say what happens to duplicates, `row-<number>` to a single one.
    The worker does it.
    """
    found(import_id)
    try:
        single = {
            row_id(name.removeprefix("row-")): choice
            for name, choice in request.form.items()
            if name.startswith("row-") and choice
        }
        runs.write(
            import_id,
            same=request.form.get("same", "leave"),
            shared=request.form.get("shared", "add"),
            single=single,
        )
    except ValueError:
        raise NotNow from None
    return show(import_id)


@blueprint.post("/<int:import_id>/undo")
@admin_only
def undo(import_id: int) -> Response:
    """Take back what was written, also while it is written."""
    runs.undo(import_id)
    return show(import_id)


@blueprint.post("/<int:import_id>/go-on")
@admin_only
def go_on(import_id: int) -> Response:
    """Let the worker try again what it has given up."""
    runs.go_on(import_id)
    return show(import_id)


@blueprint.post("/<int:import_id>/discard")
@admin_only
def discard(import_id: int) -> Response:
    """Delete an import that has written nothing."""
    runs.discard(import_id)
    url = url_for("contact_files.index")
    if not wants_fragment():
        return redirect(url, 303)
    answer = make_response(index())
    answer.headers["HX-Push-Url"] = url
    return answer


@blueprint.get("/<int:import_id>/rows")
@admin_only
def rows(import_id: int) -> str:
    """Fragment: more rows with a `state`, behind the row `after`."""
    states = _states(request.args.get("state", "left_out"))
    after = request.args.get("after", 0, type=row_id)
    run = found(import_id)
    shown, more = lines.page_of(run, states, after)
    return render_template("contact_files/_rows.html", run=run, rows=shown, more=more)


def _states(word: str) -> Any:
    if word == "left_out":
        return lines.LEFT_OUT
    try:
        return (RowState(word),)
    except ValueError:
        raise NotFound from None
