"""How long imports keep people's data, and erasing a person from them.

The worker calls `delete_old` every night, `crm.pages.contacts.erase` calls `forget`.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, tuple_

from crm.contact_files import runs
from crm.contact_files.runs import NoImport, NotNow
from crm.extensions import db
from crm.models import (
    ContactImport,
    ContactImportKey,
    ContactImportPiece,
    ContactImportRow,
    Stage,
)
from crm.models.locking import in_one_transaction

WAITS_FOR_A_PERSON = timedelta(days=1)  # an upload that nobody goes on with
CAN_BE_UNDONE = timedelta(days=30)

_FINISHED = (Stage.DONE, Stage.UNDONE)


def delete_old(now: datetime) -> None:
    """Delete uploads that nobody went on with, and the rows of imports of a month ago.

    The record of who imported what stays. Commits.
    """
    old = ContactImport.updated_at < now - WAITS_FOR_A_PERSON
    unfinished = (*_FINISHED, Stage.WRITING, Stage.UNDOING)
    waiting = select(ContactImport.id).where(ContactImport.stage.not_in(unfinished), old)
    for import_id in db.session.scalars(waiting).all():
        with suppress(NoImport, NotNow):
            runs.discard(import_id)
    done = select(ContactImport.id).where(
        ContactImport.stage.in_(_FINISHED),
        ContactImport.updated_at < now - CAN_BE_UNDONE,
        ContactImport.rows > 0,
    )
    for import_id in db.session.scalars(done).all():
        runs.delete_rows(import_id)
        in_one_transaction(lambda id=import_id: _forget_rows(id))  # type: ignore[misc]


def _forget_rows(import_id: int) -> None:
    """`rows` says whether an import can be undone and reported; its figures stay."""
    run = runs.locked(import_id)
    run.rows, run.columns, run.filled = 0, [], []


def forget(contact_id: int, own_numbers: Collection[str], email: str) -> None:
    """Delete a person's rows from all imports; flushes. Raises nothing when there are none.

    own_numbers: the numbers that no other contact has. A file that nobody has gone on with yet is
    not searched: it is deleted within two days.
    """
    keys = ContactImportKey
    theirs = [keys.key == number for number in own_numbers]
    theirs += [keys.key.startswith(f"{number};") for number in own_numbers]
    theirs += [keys.key == email.lower()] if email else []
    rows = ContactImportRow
    db.session.execute(delete(rows).where(rows.contact_id == contact_id))
    if not theirs:
        return
    found = db.session.execute(select(keys.import_id, keys.number).where(or_(*theirs))).all()
    if not found:
        return
    same = [tuple(one) for one in found]
    db.session.execute(delete(rows).where(tuple_(rows.import_id, rows.number).in_(same)))
    db.session.execute(delete(keys).where(tuple_(keys.import_id, keys.number).in_(same)))
    files = {import_id for import_id, _number in same}
    db.session.execute(delete(ContactImportPiece).where(ContactImportPiece.import_id.in_(files)))
