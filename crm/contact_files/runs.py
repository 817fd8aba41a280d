"""Imports as rows: takes what people decide at each stage, and deletes what is no longer needed.

The pages call these functions; each commits. `job` does the work of the stages between.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update

from crm.background import enqueue
from crm.contact_files.columns import TARGETS
from crm.extensions import db
from crm.models import (
    ContactImport,
    ContactImportKey,
    ContactImportPiece,
    ContactImportRow,
    RowState,
    Stage,
)
from crm.models.locking import in_one_transaction, take_write_lock

IMPORT_CONTACTS = "import_contacts"  # a kind of work

DELETED_AT_ONCE = 2_000
PIECES_AT_ONCE = 4
NUMBERS_AT_ONCE = 500
WORKING = (Stage.READING, Stage.CHECKING, Stage.WRITING, Stage.UNDOING)
UNTIL_THE_WORKER = 3.0  # seconds: the request does a short file itself, unless it is killed
CHOICES = ("leave", "update", "add")


class NoImport(LookupError):  # noqa: N818 - says what happened
    """There is no such import, or it has been discarded."""


class NotNow(RuntimeError):  # noqa: N818 - says what happened
    """The import is at another stage meanwhile, so this cannot be done; nothing was changed."""


def check(import_id: int, targets: list[str]) -> None:
    """Take what each column is, and have the rows compared. Raises NoImport, NotNow, ValueError.

    Asked again with other columns, it compares again.
    """
    if not set(targets) <= set(TARGETS):
        raise ValueError("unknown column")
    in_one_transaction(lambda: locked(import_id, Stage.CHOOSING, Stage.CHECKED))
    delete_some(ContactImportKey, import_id)

    def write() -> None:
        run = locked(import_id, Stage.CHOOSING, Stage.CHECKED)
        set_values(run, {"targets": targets, "stage": Stage.CHECKING, "found": {}})
        ask_to_work(import_id, delay=UNTIL_THE_WORKER)

    in_one_transaction(write)


def choose_again(import_id: int) -> None:
    """Go back from the result of the check to the columns. Raises NoImport, NotNow."""
    in_one_transaction(
        lambda: set_values(locked(import_id, Stage.CHECKED), {"stage": Stage.CHOOSING})
    )


def write(
    import_id: int, *, same: str, shared: str, single: Mapping[int, str] | None = None
) -> None:
    """Begin to write the contacts; the worker does it. Raises NoImport, NotNow, ValueError.

    same, shared: one of CHOICES, what happens to duplicates. single: to those with these numbers.
    """
    single = single or {}
    if not {same, shared, *single.values()} <= set(CHOICES):
        raise ValueError("unknown choice")

    def begin_writing() -> None:
        run = locked(import_id, Stage.CHECKED)
        of_rows = update(ContactImportRow).where(ContactImportRow.import_id == import_id)
        for choice in CHOICES:
            numbers = [number for number, chosen in single.items() if chosen == choice]
            for start in range(0, len(numbers), NUMBERS_AT_ONCE):
                some = ContactImportRow.number.in_(numbers[start : start + NUMBERS_AT_ONCE])
                chosen = of_rows.where(some).values(choice=choice)
                db.session.execute(chosen.execution_options(synchronize_session=False))
        wrong = {RowState.WRONG.value: run.found.get(RowState.WRONG, 0)}
        set_values(run, {"same": same, "shared": shared, "stage": Stage.WRITING, "done": wrong})
        ask_to_work(import_id)

    in_one_transaction(begin_writing)
    delete_some(ContactImportPiece, import_id, at_once=PIECES_AT_ONCE)


def undo(import_id: int) -> None:
    """Begin to take back what was written, also while it is written. Raises NoImport, NotNow."""

    def begin_undoing() -> None:
        run = locked(import_id, Stage.WRITING, Stage.DONE)
        highest = select(func.max(ContactImportRow.number)).where(
            ContactImportRow.import_id == import_id
        )
        if run.stage is Stage.DONE and not can_be_undone(run):
            raise NotNow
        set_values(run, {"stage": Stage.UNDOING})
        run.reached = (db.session.scalar(highest) or 0) + 1
        ask_to_work(import_id)

    in_one_transaction(begin_undoing)


def can_be_undone(run: ContactImport) -> bool:
    """Whether something was written, and its rows are still there."""
    written = run.done.get(RowState.ADDED, 0) + run.done.get(RowState.UPDATED, 0)
    return run.stage is Stage.WRITING or (
        run.stage is Stage.DONE and bool(written) and bool(run.rows)
    )


def discard(import_id: int) -> None:
    """Delete an import that has written nothing. Raises NoImport, NotNow."""

    def mark() -> None:
        run = locked(import_id)
        if run.stage in (Stage.WRITING, Stage.DONE, Stage.UNDOING, Stage.UNDONE):
            raise NotNow
        run.stage = Stage.REFUSED  # nobody reads or checks it from now on

    in_one_transaction(mark)
    delete_rows(import_id)
    delete_some(ContactImportPiece, import_id, at_once=PIECES_AT_ONCE)
    gone = delete(ContactImport).where(ContactImport.id == import_id)
    in_one_transaction(lambda: db.session.execute(gone))


def go_on(import_id: int) -> None:
    """Continue work that was given up. Raises NoImport."""

    def ask() -> None:
        run = locked(import_id)
        run.stopped = ""
        if run.stage in WORKING:
            ask_to_work(import_id)

    in_one_transaction(ask)


def stopped(subject: str, reason: str) -> None:
    """The worker has given the import up; it can go on later."""
    mark = update(ContactImport).where(ContactImport.id == int(subject))
    db.session.execute(mark.values(stopped=reason[:1000]))


def ask_to_work(import_id: int, *, delay: float = 0) -> None:
    """Have the worker go on with an import, after some seconds if it may not be needed; flushes."""
    enqueue(IMPORT_CONTACTS, str(import_id), delay=delay)


def get(import_id: int) -> ContactImport:
    """An import. Raises NoImport."""
    run = db.session.get(ContactImport, import_id)
    if run is None:
        raise NoImport(import_id)
    return run


def locked(import_id: int, *stages: Stage) -> ContactImport:
    """An import, read again and locked until the commit; at one of these stages, if any are named.

    Raises NoImport, NotNow.
    """
    take_write_lock()
    fresh = select(ContactImport).where(ContactImport.id == import_id).with_for_update()
    run: ContactImport | None = db.session.scalar(fresh.execution_options(populate_existing=True))
    if run is None:
        raise NoImport(import_id)
    if stages and run.stage not in stages:
        raise NotNow
    return run


def sample(import_id: int, limit: int) -> list[ContactImportRow]:
    """The first rows."""
    rows = select(ContactImportRow).where(ContactImportRow.import_id == import_id)
    return list(db.session.scalars(rows.order_by(ContactImportRow.number).limit(limit)))


def delete_rows(import_id: int) -> None:
    """Delete rows and keys."""
    delete_some(ContactImportKey, import_id)
    delete_some(ContactImportRow, import_id)


def delete_some(table: Any, import_id: int, *, at_once: int = DELETED_AT_ONCE) -> None:
    """Delete all that a table has of an import, in pieces, so that no other writer waits long."""
    key = tuple_(*table.__table__.primary_key.columns)
    some = select(*table.__table__.primary_key.columns).where(table.import_id == import_id)
    statement = delete(table.__table__).where(key.in_(some.limit(at_once)))
    work: Callable[[], int] = lambda: db.session.connection().execute(statement).rowcount  # noqa: E731
    while in_one_transaction(work):
        pass


def counted(counts: Mapping[str, int], states: Any) -> dict[str, int]:
    """The counts with these states added, as JSON columns keep them."""
    found = dict(counts)
    for state in states:
        found[state.value] = found.get(state.value, 0) + 1
    return found


def set_values(run: ContactImport, values: Mapping[str, Any]) -> None:
    """Every new stage begins with the first row."""
    for name, value in values.items():
        setattr(run, name, value)
    if "stage" in values:
        run.reached, run.stopped = 0, ""
