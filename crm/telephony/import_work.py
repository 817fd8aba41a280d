"""Imports of call detail records as background work: a page a task."""

from sqlalchemy import select

from crm.background import ClientFor, enqueue
from crm.callcenterstudio import CallCenterStudioError
from crm.extensions import db
from crm.models import CdrImport, ImportKind, ImportState, Work, utc_now
from crm.models.locking import in_one_transaction
from crm.telephony import account, cdr_import
from crm.telephony.cdr_import import BusyError
from crm.telephony.pace import pace

IMPORT_CDRS = "import_cdrs"
# The next reconciliation comes in minutes: one that cannot read is told of soon, and left.
RECONCILE_CDRS = "reconcile_cdrs"
SECONDS_WHILE_BUSY = 3.0  # another process reads it: look again


def ask_to_import(run: CdrImport) -> Work:
    """Have the worker read an import page by page. The caller commits, together with the import."""
    return enqueue(kind_of(run), str(run.id))


def kind_of(run: CdrImport) -> str:
    """The kind of work that reads this import."""
    return IMPORT_CDRS if run.kind is ImportKind.ASKED_FOR else RECONCILE_CDRS


def read_next_page(subject: str, client_for: ClientFor) -> float | None:
    """Read one page of the import with this id; at once again while there is more.

    An import that failed goes on: somebody asked for it. Raises CallCenterStudioError.
    """
    import_id = int(subject)
    try:
        _go_on_if_failed(import_id)
        _wait_its_turn(import_id)
        goes_on = cdr_import.read_page(client_for, import_id)
    except BusyError:
        return SECONDS_WHILE_BUSY
    except LookupError:  # it was pruned
        return None
    except CallCenterStudioError as error:
        _keep_answer(import_id, str(error))
        raise
    _keep_answer(import_id, "")
    return 0.0 if goes_on else None


def import_failed(subject: str, reason: str) -> None:
    """The last try was in vain: the import says so, and can go on later."""
    try:
        cdr_import.stop(int(subject), reason)
    except LookupError:
        return


def _go_on_if_failed(import_id: int) -> None:
    state = db.session.scalar(select(CdrImport.state).where(CdrImport.id == import_id))
    db.session.rollback()
    if state is ImportState.FAILED:
        in_one_transaction(lambda: cdr_import.go_on(import_id))


def _wait_its_turn(import_id: int) -> None:
    tenant_id = db.session.scalar(select(CdrImport.tenant_id).where(CdrImport.id == import_id))
    db.session.rollback()
    if tenant_id is not None:
        pace().wait(tenant_id)


def _keep_answer(import_id: int, problem: str) -> None:
    run = db.session.get(CdrImport, import_id)
    if run is not None:
        account.keep_answer(run.tenant_id, problem, now=utc_now())
