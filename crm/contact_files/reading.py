"""Stage READING: the file becomes rows of the database, which the later stages go through.

`job` calls `step`. A step that was killed begins again behind the last row that was written.
"""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from time import monotonic
from typing import Any

from crm.contact_files import columns, csv_rows, runs, texts, uploads, vcards
from crm.contact_files.csv_rows import Row
from crm.contact_files.drafts import Draft
from crm.extensions import db
from crm.models import ContactImport, ContactImportRow, FileKind, RowState, Stage
from crm.models.locking import in_one_transaction
from crm.models.many_rows import insert_rows

AT_ONCE = 500
SAMPLE = 200  # rows that tell what the columns are
MOST_ROWS = 500_000


def step(import_id: int, until: float) -> None:
    """Read rows until `until` (`monotonic`), or to the end: then columns can be chosen. Commits."""
    run = runs.get(import_id)
    reached, kind, has_header = run.reached, run.kind, run.has_header
    begin = reached
    unread = (row for row in rows_of(run) if row.number > begin)
    while some := list(islice(unread, AT_ONCE)):
        reached = _keep(import_id, some, reached, kind, has_header=has_header)
        if reached < 0 or monotonic() > until:
            break
    else:
        in_one_transaction(partial(_end, import_id, reached))
    if runs.get(import_id).stage is Stage.REFUSED:
        runs.delete_rows(import_id)
        uploads.delete_file(import_id)


def rows_of(run: ContactImport) -> Iterator[Row]:
    """The rows of an import's file."""
    lines = texts.lines(uploads.pieces(run.id), run.encoding)
    return (
        vcards.cards(lines) if run.kind is FileKind.VCARD else csv_rows.rows(lines, run.delimiter)
    )


def _keep(
    import_id: int, some: list[Row], reached: int, kind: FileKind, *, has_header: bool
) -> int:
    """Write these rows; returns the last one's number, -1 if another process has moved on."""
    headings = list(some[0].cells) if has_header and not reached and kind is FileKind.CSV else None
    values = [_values(import_id, row, kind) for row in (some if headings is None else some[1:])]

    def write() -> int:
        run = runs.locked(import_id)
        if run.stage is not Stage.READING or run.reached != reached:
            return -1
        if headings is not None:
            run.columns = headings
        if values:
            insert_rows(db.session.connection(), ContactImportRow.__table__, values)
        run.filled = _counted_columns(run.filled, values)
        run.rows += len(values)
        run.reached = some[-1].number
        if run.rows > MOST_ROWS:
            run.stage, run.problem = Stage.REFUSED, "too_many_rows"
            return -1
        return run.reached

    return in_one_transaction(write)


def _values(import_id: int, row: Row, kind: FileKind) -> dict[str, Any]:
    problem, data, name = row.problem, list(row.cells), ""
    if kind is FileKind.VCARD and not problem:
        draft = vcards.read_card(row.cells[0])
        problem = "" if draft else "card_unreadable"
        data = stored(draft) if draft else []
        name = draft.name if draft else ""
    return {
        "import_id": import_id,
        "number": row.number,
        "data": data,
        "state": RowState.WRONG if problem else RowState.READ,
        "name": name[:200],
        "problems": [[problem]] if problem else [],
        "choice": "",
    }


def stored(draft: Draft) -> Any:
    """A draft as the column `data` keeps it; `draft_of_row` reads it."""
    return {
        "name": draft.name,
        "company": draft.company,
        "emails": list(draft.emails),
        "notes": draft.notes,
        "numbers": [[number.raw, number.label] for number in draft.numbers],
    }


def _counted_columns(filled: list[int], values: list[dict[str, Any]]) -> list[int]:
    rows = [one["data"] for one in values if isinstance(one["data"], list)]
    width = max([len(filled), *map(len, rows)])
    counts = [*filled, *[0] * (width - len(filled))]
    for cells in rows:
        for place, cell in enumerate(cells):
            counts[place] += bool(cell)
    return counts


def _end(import_id: int, reached: int) -> None:
    run = runs.locked(import_id)
    if run.stage is not Stage.READING or run.reached != reached:
        return
    run.reached = 0
    if not run.rows:
        run.stage, run.problem = Stage.REFUSED, "only_headings" if run.columns else "empty"
        return
    run.stage = Stage.CHOOSING
    if run.kind is FileKind.CSV:
        width = len(run.filled)
        run.columns = [*run.columns[:width], *[""] * (width - len(run.columns))]
        some = [row.data for row in runs.sample(import_id, SAMPLE)]
        run.targets = columns.guess(run.columns, some, run.region)
