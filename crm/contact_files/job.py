"""Goes on with an import while there is something to do without a person.

The worker calls `work` (`crm.worker.work` names it), and the pages call `go_on_now`, so that a
short file is read and checked at once.
"""

from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from sqlalchemy import select

from crm.background import ClientFor
from crm.contact_files import checking, reading, runs, undoing, writing
from crm.extensions import db
from crm.models import ContactImport, Stage
from crm.models.locking import in_one_transaction

SECONDS = 5.0  # of one task, so that stopping does not wait long

_STEPS: dict[Stage, Callable[[int, float], None]] = {
    Stage.READING: reading.step,
    Stage.CHECKING: checking.step,
    Stage.WRITING: writing.step,
    Stage.UNDOING: undoing.step,
}


def work(subject: str, _client_for: ClientFor) -> float | None:
    """The worker's job: some seconds of an import; due again at once while there is more."""
    return 0.0 if go_on(int(subject), seconds=SECONDS) else None


def go_on(import_id: int, *, seconds: float) -> bool:
    """Work for so long, or until a person is needed; returns whether there is more. Commits."""
    until = monotonic() + seconds
    while True:
        stage = db.session.scalar(select(ContactImport.stage).where(ContactImport.id == import_id))
        step = _STEPS.get(stage) if stage else None
        db.session.rollback()
        if step is None or monotonic() > until:
            return step is not None
        with suppress(runs.NoImport):  # it was discarded
            step(import_id, until)


def go_on_now(import_id: int, *, seconds: float = 1.0) -> None:
    """Work in this request for a moment, and have the worker do what is left."""
    if go_on(import_id, seconds=seconds):
        in_one_transaction(lambda: runs.ask_to_work(import_id))
