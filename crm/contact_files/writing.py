"""Stage WRITING: rows become contacts, some at once, each exactly once.

`job` calls `step`. Contacts, what became of their rows and the last row's number are written in one
transaction, so a process that is killed loses nothing and writes nothing twice.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from crm import calls
from crm.contact_files import duplicates, runs
from crm.contact_files.checking import draft_of_row
from crm.contact_files.drafts import Checked, check
from crm.contact_files.duplicates import Known
from crm.contacts import many
from crm.extensions import db
from crm.models import (
    ContactImport,
    ContactImportKey,
    ContactImportRow,
    RowState,
    Stage,
    utc_now,
)
from crm.models.locking import in_one_transaction

AT_ONCE = 100  # on SQLite nobody else can write meanwhile

_ROW = ContactImportRow.__table__.c
_UPDATE = (
    update(ContactImportRow.__table__)
    .where(_ROW.import_id == bindparam("of_import"), _ROW.number == bindparam("of_number"))
    .values(
        {
            name: bindparam(name)
            for name in ("state", "problems", "contact_id", "version", "before", "data", "name")
        }
    )
)
TO_WRITE = (RowState.NEW, RowState.SAME, RowState.SHARED)


def step(import_id: int, _until: float) -> None:
    """Write the next rows; behind the last one the import is done. Commits."""
    run = runs.get(import_id)
    reached, targets, region = run.reached, list(run.targets), run.region
    wanted = select(ContactImportRow).where(
        _ROW.import_id == import_id, _ROW.number > reached, _ROW.state.in_(TO_WRITE)
    )
    rows = list(db.session.scalars(wanted.order_by(_ROW.number).limit(AT_ONCE)))
    # Before the lock: reading numbers takes longer than writing them.
    checked = [check(draft, region) for row in rows if (draft := draft_of_row(row, targets))]
    rows = rows[: duplicates.without_common_keys(checked)]
    checked = checked[: len(rows)]
    kept = [(row.number, row.data, row.name) for row in rows]
    choices = [row.choice for row in rows]

    def write() -> None:
        run = runs.locked(import_id)
        if run.stage is not Stage.WRITING or run.reached != reached:
            return
        if not kept:
            run.stage, run.reached = Stage.DONE, 0
            return
        outcomes = _write(checked, choices, run)
        values = [
            {"of_import": import_id, "of_number": number, "data": data, "name": name} | outcome
            for (number, data, name), outcome in zip(kept, outcomes, strict=True)
        ]
        written = [one["of_number"] for one in values if one["state"] is not RowState.LEFT]
        for one in values:
            if one["state"] is not RowState.LEFT:  # what is in the contacts need not be kept twice
                one["data"], one["name"] = [], ""
        db.session.connection().execute(_UPDATE, values)
        gone = (ContactImportKey.import_id == import_id, ContactImportKey.number.in_(written))
        db.session.execute(delete(ContactImportKey).where(*gone))
        run.done = runs.counted(run.done, (one["state"] for one in values))
        run.reached = kept[-1][0]

    in_one_transaction(write)


def _write(
    rows: Sequence[Checked], choices: Sequence[str], run: ContactImport
) -> list[dict[str, Any]]:
    """Write these rows, which have no key in common; returns what became of each.

    choices: what a person has chosen for each row alone.
    """
    now = utc_now()
    known = duplicates.among_contacts(rows)
    what = [
        "add" if one is None else _choice(one, choice, run)
        for one, choice in zip(known, choices, strict=True)
    ]
    added = iter(
        many.create_many(
            [row.data for row, do in zip(rows, what, strict=True) if do == "add"],
            region=run.region,
            now=now,
        )
    )
    to_update = [one.id for one, do in zip(known, what, strict=True) if one and do == "update"]
    there = many.lock_many(to_update)
    outcomes = []
    for row, one, do in zip(rows, known, what, strict=True):
        outcome: dict[str, Any] = {"state": RowState.LEFT, "problems": [], "before": None}
        outcome |= {"contact_id": one.id if one else None, "version": None}
        if do == "add":
            outcome |= {"state": RowState.ADDED, "contact_id": next(added), "version": 1}
        elif do == "several":
            outcome["problems"] = [["fits_several"]]
        elif do == "update" and one and one.id in there:
            outcome |= _updated(there[one.id], row, run.region)
        else:
            outcome["problems"] = [["left"]]
        outcomes.append(outcome)
    _claim_calls(rows, outcomes)
    return outcomes


def _choice(known: Known, choice: str, run: ContactImport) -> str:
    choice = choice or (run.same if known.same_person else run.shared)
    return "several" if choice == "update" and known.several else choice


def _updated(contact: Any, row: Checked, region: str) -> dict[str, Any]:
    before = many.complete(contact, row.with_name_alone(), region=region)
    if before is None:
        return {"problems": [["as_it_was"]]}
    return {"state": RowState.UPDATED, "version": contact.version, "before": before}


def _claim_calls(rows: Sequence[Checked], outcomes: Sequence[dict[str, Any]]) -> None:
    """Earlier calls of new numbers become those contacts' calls, as when a person adds one."""
    numbers = {key.partition(";")[0] for row in rows for key in row.keys if "@" not in key}
    unclaimed = calls.unclaimed(numbers)
    for row, outcome in zip(rows, outcomes, strict=True):
        has_calls = unclaimed.intersection(key.partition(";")[0] for key in row.keys)
        if has_calls and outcome["state"] is not RowState.LEFT:
            calls.claim_calls(outcome["contact_id"])
