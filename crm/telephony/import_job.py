"""The worker's job of reading an import to its end, a page at a time.

`crm/worker/work.py` names it for the kinds `import_cdrs` and `reconcile_cdrs`.
"""

from contextlib import suppress

from crm.background import ClientFor
from crm.callcenterstudio import CallCenterStudioError
from crm.extensions import db
from crm.models import CdrImport, ImportState, utc_now
from crm.models.locking import in_one_transaction
from crm.telephony import account, import_runs
from crm.telephony.pace import pace
from crm.telephony.record_import import BusyError, read_page

SECONDS_WHILE_BUSY = 3.0


def read_next_page(subject: str, client_for: ClientFor) -> float | None:
    """The worker's job: read one page of an import; due again at once while there is more.

    A failed import goes on: somebody asked for it. Raises CallCenterStudioError.
    """
    import_id = int(subject)
    run = db.session.get(CdrImport, import_id)
    if run is None:  # it was pruned
        return None
    tenant_id, has_failed = run.tenant_id, run.state is ImportState.FAILED
    db.session.rollback()
    try:
        if has_failed:
            in_one_transaction(lambda: import_runs.go_on(import_id))
        pace().wait(tenant_id)
        goes_on = read_page(client_for, import_id)
    except BusyError:
        return SECONDS_WHILE_BUSY
    except LookupError:  # it was pruned meanwhile
        return None
    except CallCenterStudioError as error:
        account.keep_answer(tenant_id, str(error), now=utc_now())
        raise
    account.keep_answer(tenant_id, "", now=utc_now())
    return 0.0 if goes_on else None


def import_failed(subject: str, reason: str) -> None:
    """Mark the import as failed after the worker's last try. It can go on later."""
    with suppress(LookupError):  # it was pruned
        import_runs.stop(int(subject), reason)
