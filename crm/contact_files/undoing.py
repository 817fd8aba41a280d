"""Stage UNDOING: takes back what an import has written, from its last row to its first.

`job` calls `step`. A contact that somebody has changed since stays as it is; its row says so.
"""

from sqlalchemy import bindparam, select, update

from crm import calls
from crm.contact_files import runs
from crm.contacts import many
from crm.extensions import db
from crm.models import ContactImport, ContactImportRow, RowState, Stage, utc_now
from crm.models.locking import in_one_transaction

AT_ONCE = 100

_ROW = ContactImportRow.__table__.c
_UPDATE = (
    update(ContactImportRow.__table__)
    .where(_ROW.import_id == bindparam("of_import"), _ROW.number == bindparam("of_number"))
    .values(state=bindparam("state"), before=None, name=bindparam("name"))
)


def step(import_id: int, _until: float) -> None:
    """Take back the next rows, last ones first, until the import is undone. Commits."""

    def write() -> None:
        run = runs.locked(import_id)
        if run.stage is not Stage.UNDOING:
            return
        wanted = select(ContactImportRow).where(
            _ROW.import_id == import_id,
            _ROW.number < run.reached,
            _ROW.state.in_((RowState.ADDED, RowState.UPDATED)),
        )
        rows = list(db.session.scalars(wanted.order_by(_ROW.number.desc()).limit(AT_ONCE)))
        if not rows:
            run.stage, run.reached = Stage.UNDONE, 0
            return
        values = _take_back(rows)
        run.done = _moved(run, rows, [one["state"] for one in values])
        run.reached = rows[-1].number
        db.session.connection().execute(_UPDATE, [one | {"of_import": import_id} for one in values])

    in_one_transaction(write)


def _take_back(rows: list[ContactImportRow]) -> list[dict[str, object]]:
    contacts = many.lock_many({row.contact_id for row in rows if row.contact_id is not None})
    to_delete: list[int] = []
    values: list[dict[str, object]] = []
    for row in rows:
        contact = contacts.get(row.contact_id or 0)
        state = RowState.UNDONE  # also when somebody has deleted it before
        name = ""
        if contact is not None and contact.version != row.version:
            state, name = RowState.KEPT, contact.name
        elif contact is not None and row.before:
            many.put_back(contact, row.before)
        elif contact is not None:
            to_delete.append(contact.id)
        values.append({"of_number": row.number, "state": state, "name": name})
    calls.release_calls(to_delete)
    many.delete_many(to_delete, now=utc_now())
    return values


def _moved(
    run: ContactImport, rows: list[ContactImportRow], states: list[object]
) -> dict[str, int]:
    counts = runs.counted(run.done, states)
    for row in rows:
        counts[row.state.value] -= 1
    return counts
