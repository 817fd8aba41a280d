"""Stage CHECKING: what is wrong with each row, and which contact or earlier row it repeats.

Nothing is written to the contacts. `job` calls `step`; the preview of the pages calls `look_at`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, update

from crm.contact_files import columns, duplicates, runs
from crm.contact_files.drafts import Checked, Draft, check
from crm.contact_files.duplicates import Known
from crm.contacts import Number
from crm.extensions import db
from crm.models import ContactImport, ContactImportKey, ContactImportRow, RowState, Stage
from crm.models.locking import in_one_transaction
from crm.models.many_rows import insert_rows

AT_ONCE = 250

_ROW, _KEY = ContactImportRow.__table__.c, ContactImportKey.__table__.c
_UPDATE = (
    update(ContactImportRow.__table__)
    .where(_ROW.import_id == bindparam("of_import"), _ROW.number == bindparam("of_number"))
    .values(
        {name: bindparam(name) for name in ("state", "name", "problems", "contact_id", "repeats")}
    )
)
# The first row with a key, if that row can be imported.
_EARLIER = (
    select(_KEY.key, func.min(_KEY.number))
    .join_from(
        ContactImportKey.__table__,
        ContactImportRow.__table__,
        (_ROW.import_id == _KEY.import_id) & (_ROW.number == _KEY.number),
    )
    .where(
        _KEY.key.in_(bindparam("keys", expanding=True)),
        _KEY.import_id == bindparam("import_id"),
        _ROW.state != RowState.WRONG,
    )
    .group_by(_KEY.key)
)


@dataclass(frozen=True)
class Looked:
    """A row, as it would be saved, and what is known about it. repeats: it is an earlier row."""

    row: ContactImportRow
    checked: Checked | None  # None: the row could not even be read
    problems: list[list[str]]
    known: Known | None = None
    repeats: bool = False

    @property
    def state(self) -> RowState:
        """What the row is, before anything is done with it."""
        if self.problems:
            return RowState.WRONG
        if self.known is None:
            return RowState.NEW
        return RowState.SAME if self.known.same_person else RowState.SHARED


def draft_of_row(row: ContactImportRow, targets: Sequence[str]) -> Draft | None:
    """The contact in a row; None if the row could not be read."""
    if isinstance(row.data, dict):
        numbers = tuple(Number(raw, label) for raw, label in row.data["numbers"])
        return Draft(**row.data | {"emails": tuple(row.data["emails"]), "numbers": numbers})
    return columns.draft_of(row.data, targets) if row.data else None


def look_at(
    run: ContactImport, rows: Sequence[ContactImportRow], targets: Sequence[str]
) -> list[Looked]:
    """Check rows and find their duplicates; reads only."""
    checked: list[Checked | None] = []
    problems: list[list[list[str]]] = []
    for row in rows:
        draft = draft_of_row(row, targets)
        one = check(draft, run.region) if draft else None
        found = list(one.problems) if one else row.problems
        if one and run.columns and any(run.columns) and any(row.data[len(run.columns) :]):
            found = [["more_cells", str(len(run.columns))], *found]
        checked.append(one)
        problems.append(found)
    right = [
        one if one and not wrong else None for one, wrong in zip(checked, problems, strict=True)
    ]
    among_contacts = iter(duplicates.among_contacts([one for one in right if one]))
    known = [next(among_contacts) if one else None for one in right]
    earlier = _earlier_rows(run.id, rows, right)
    return [
        Looked(row, one, wrong, mine or before, repeats=mine is None and before is not None)
        for row, one, wrong, mine, before in zip(
            rows, checked, problems, known, earlier, strict=True
        )
    ]


def _earlier_rows(
    import_id: int, rows: Sequence[ContactImportRow], right: Sequence[Checked | None]
) -> list[Known | None]:
    """For each row the one before it that has a key of it."""
    keys = sorted({key for one in right if one for key in one.keys})
    owners: dict[str, list[tuple[int, str]]] = defaultdict(list)
    if keys:
        first: dict[str, int] = dict(
            db.session.execute(_EARLIER, {"keys": keys, "import_id": import_id}).all()
        )
        numbers = {number for number in first.values() if number < rows[0].number}
        names: dict[int, str] = dict(
            db.session.execute(
                select(_ROW.number, _ROW.name).where(
                    _ROW.import_id == import_id, _ROW.number.in_(numbers)
                )
            ).all()
        )
        for key, number in first.items():
            if number in names:
                owners[key].append((number, names[number]))
    found: list[Known | None] = []
    for row, one in zip(rows, right, strict=True):
        if one is None:
            found.append(None)
            continue
        found.append(duplicates.best_of(one, owners))
        for key in one.keys:
            owners[key].append((row.number, one.data.name))
    return found


def step(import_id: int, _until: float) -> None:
    """Check the next rows; behind the last one, people say what happens to duplicates. Commits."""
    run = runs.get(import_id)
    reached, targets = run.reached, list(run.targets)
    wanted = select(ContactImportRow).where(_ROW.import_id == import_id, _ROW.number > reached)
    rows = list(db.session.scalars(wanted.order_by(_ROW.number).limit(AT_ONCE)))
    looked = look_at(run, rows, targets)
    values = [_values(import_id, one) for one in looked]
    keys = [
        {"key": key[:254], "import_id": import_id, "number": one.row.number}
        for one in looked
        for key in (one.checked.keys if one.checked else ())
    ]
    states = [one.state for one in looked]
    last = rows[-1].number if rows else reached

    def write() -> None:
        run = runs.locked(import_id)
        if run.stage is not Stage.CHECKING or run.reached != reached:
            return
        if not values:
            run.stage, run.reached = Stage.CHECKED, 0
            return
        db.session.connection().execute(_UPDATE, values)
        if keys:
            insert_rows(db.session.connection(), ContactImportKey.__table__, keys)
        run.found = runs.counted(run.found, states)
        run.reached = last

    in_one_transaction(write)


def _values(import_id: int, one: Looked) -> dict[str, Any]:
    return {
        "of_import": import_id,
        "of_number": one.row.number,
        "state": one.state,
        "name": (one.checked.data.name if one.checked else one.row.name)[:200],
        "problems": one.problems,
        "contact_id": one.known.id if one.known and not one.repeats else None,
        "repeats": one.known.id if one.known and one.repeats else None,
    }
