"""Completes calls from the vendor's call detail records (`reportsCDRLogs`).

`crm.jobs` calls `complete_call` after a call has ended, again and again until the record is there.
"""

from crm import calls
from crm.callcenterstudio import CdrRecord, Client
from crm.extensions import db
from crm.models import Call, Tenant
from crm.models.locking import in_one_transaction


def complete_call(
    client: Client,
    tenant_id: int,
    *,
    activecallkey: str | None = None,
    transaction_id: str | None = None,
) -> bool:
    """Ask for one call's record and fold it in; whether the call is complete now.

    The activecallkey is asked for where it is known, else our transaction id, which is the record's
    `uniqueid` (vendor's wiki). False: the record is not there yet, or it is of a call that is still
    up. Commits. No transaction is open while the vendor is asked. Raises CallCenterStudioError.
    """
    db.session.rollback()
    asked_for = {"activecallkey": activecallkey} if activecallkey else {}
    if not asked_for and transaction_id:
        asked_for = {"transaction_id": transaction_id}
    record = client.cdr_log(
        activecallkey=asked_for.get("activecallkey"), uniqueid=asked_for.get("transaction_id")
    )
    if record is None or not _answers(record, asked_for):
        return False

    def fold_in() -> bool:
        tenant = db.session.get_one(Tenant, tenant_id)
        call: Call | None = calls.record_cdr(tenant, record, asked_for=asked_for)
        return call is not None and call.complete

    return in_one_transaction(fold_in)


def _answers(record: CdrRecord, asked_for: dict[str, str]) -> bool:
    """Whether it is the call that was asked for, as far as the record tells."""
    wanted = asked_for.get("transaction_id")
    return wanted is None or record.uniqueid == wanted
