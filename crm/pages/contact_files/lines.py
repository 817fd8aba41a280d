"""What the page of an import shows at each stage: columns, preview, and rows of one kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import select

from crm.contact_files import checking, reading, runs
from crm.contact_files.checking import Looked
from crm.extensions import db
from crm.models import Contact, ContactImport, ContactImportRow, RowState, Stage
from crm.pages.contact_files import words

PREVIEW = 8
PAGE = 25
EXAMPLES = 3
LONGEST_EXAMPLE = 60


@dataclass(frozen=True)
class Column:
    """A column of a CSV file, to choose what it is."""

    place: int
    heading: str
    examples: str
    filled: int
    target: str


@dataclass(frozen=True)
class Line:
    """A row of the file. contact: whom it repeats, or who was made of it; may be gone."""

    row: ContactImportRow
    contact: Contact | None
    repeats: ContactImportRow | None
    problems: list[str]


def of_stage(run: ContactImport) -> dict[str, Any]:
    """The values of the templates for the stage that an import is at."""
    if run.stage is Stage.CHOOSING:
        return {"columns": columns_of(run), "preview": preview(run, run.targets)}
    if run.stage is Stage.CHECKED:
        states = (RowState.SAME, RowState.SHARED, RowState.WRONG)
        return {"lists": {state: page_of(run, (state,)) for state in states}}
    if run.stage in (Stage.DONE, Stage.UNDONE):
        return {"left_out": page_of(run, LEFT_OUT)}
    return {}


LEFT_OUT = (RowState.WRONG, RowState.LEFT, RowState.KEPT)


def columns_of(run: ContactImport) -> list[Column]:
    """The columns, those with something in them first."""
    rows = [row.data for row in runs.sample(run.id, reading.SAMPLE)]
    found = []
    for place, (heading, target) in enumerate(zip(run.columns, run.targets, strict=True)):
        cells = [row[place] for row in rows if place < len(row) and row[place]]
        examples = ", ".join(list(dict.fromkeys(cells))[:EXAMPLES])
        short = examples[:LONGEST_EXAMPLE] + "…" * (len(examples) > LONGEST_EXAMPLE)
        found.append(Column(place, heading, short, run.filled[place], target))
    return found


def preview(run: ContactImport, targets: Sequence[str]) -> list[Looked]:
    """The first rows as they would be imported."""
    return checking.look_at(run, runs.sample(run.id, PREVIEW), targets)


def page_of(
    run: ContactImport, states: Sequence[RowState], after: int = 0
) -> tuple[list[Line], str | None]:
    """A page of the rows with these states, and the address of the next."""
    rows = rows_with(run.id, states, after=after, limit=PAGE + 1)
    more = None
    if len(rows) > PAGE:
        fields: dict[str, Any] = {"state": states[0].value if len(states) == 1 else "left_out"}
        fields["after"] = str(rows[PAGE - 1].number)
        more = url_for("contact_files.rows", import_id=run.id, **fields)
    shown = rows[:PAGE]
    people = _by(Contact, Contact.id, [row.contact_id for row in shown])
    of_this = ContactImportRow.import_id == run.id
    earlier = _by(
        ContactImportRow, ContactImportRow.number, [row.repeats for row in shown], of_this
    )
    return [
        Line(
            row,
            people.get(row.contact_id),
            earlier.get(row.repeats),
            [words.of_problem(one) for one in row.problems],
        )
        for row in shown
    ], more


def rows_with(
    import_id: int, states: Sequence[RowState], *, after: int, limit: int
) -> list[ContactImportRow]:
    """Rows in their order."""
    rows = select(ContactImportRow).where(
        ContactImportRow.import_id == import_id,
        ContactImportRow.number > after,
        ContactImportRow.state.in_(states),
    )
    return list(db.session.scalars(rows.order_by(ContactImportRow.number).limit(limit)))


def _by(table: Any, column: Any, values: Sequence[int | None], *conditions: Any) -> dict[Any, Any]:
    wanted = {value for value in values if value is not None}
    found = select(table).where(column.in_(wanted), *conditions)
    return {getattr(one, column.key): one for one in db.session.scalars(found)} if wanted else {}
