"""`/contacts/import/<id>/report.csv`: the rows that were left out, why, and their cells.

Corrected, the file can be imported as it is.
"""

from collections.abc import Iterator

from flask import Response
from flask_babel import gettext as _

from crm.extensions import db
from crm.models import ContactImport, ContactImportRow, FileKind
from crm.pages.contact_files import lines, words
from crm.pages.contact_files.blueprint import blueprint, found
from crm.pages.exports.files import Row, csv_answer
from crm.pages.exports.process import in_own_process
from crm.web.security import admin_only

BATCH = 1000
NUMBERS = 4


@blueprint.get("/<int:import_id>/report.csv")
@admin_only
def report(import_id: int) -> Response:
    """All rows that were not imported."""
    run = found(import_id)
    name = _("Left out of %(file)s", file=run.file_name)
    return in_own_process(lambda: csv_answer(name, _header(run), _rows(run)))


def _header(run: ContactImport) -> Row:
    cells = run.columns
    if run.kind is FileKind.VCARD:
        numbers = [_("Phone %(number)s", number=place) for place in range(1, NUMBERS + 1)]
        cells = [_("Name"), _("Company"), _("E-mail"), _("Notes"), *numbers]
    return (_("Row"), _("Why"), *cells)


def _rows(run: ContactImport) -> Iterator[Row]:
    import_id, after = run.id, 0
    while found_rows := lines.rows_with(import_id, lines.LEFT_OUT, after=after, limit=BATCH):
        after = found_rows[-1].number
        rows = [_cells(row) for row in found_rows]
        db.session.close()
        yield from rows


def _cells(row: ContactImportRow) -> Row:
    why = " ".join(map(words.of_problem, row.problems)) or str(words.STATES[row.state])
    data = row.data or [row.name]
    if isinstance(data, dict):
        numbers = [raw for raw, _label in data["numbers"]]
        data = [data["name"], data["company"], ", ".join(data["emails"]), data["notes"], *numbers]
    return (row.number, why, *data)
