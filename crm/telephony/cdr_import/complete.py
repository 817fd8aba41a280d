"""Completes calls from the vendor's call detail records (`reportsCDRLogs`).

`crm.worker` calls `complete_call` after a call has ended, again and again until the record is
there.
"""

from collections.abc import Sequence

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
    told = client.cdr_logs_of_call(
        activecallkey=asked_for.get("activecallkey"), uniqueid=asked_for.get("transaction_id")
    )
    records = _answers(told, asked_for)

    def fold_in() -> bool:
        """All of them: a transferred call may have one for each leg."""
        tenant = db.session.get_one(Tenant, tenant_id)
        call: Call | None = None
        for record in records:
            call = calls.record_cdr(tenant, record, asked_for=asked_for)
        return call is not None and call.complete

    return in_one_transaction(fold_in)


def _answers(records: Sequence[CdrRecord], asked_for: dict[str, str]) -> list[CdrRecord]:
    """Those of the call that was asked for, as far as they tell.

    One alone is believed to be the answer (vendor's guide: 0 or 1 record). Of several, one may not
    hold its activecallkey; beside one that names another call, it is of anybody.
    """
    transaction_id = asked_for.get("transaction_id")
    if transaction_id is not None:
        return [record for record in records if record.uniqueid == transaction_id]
    if len(records) == 1:
        return list(records)
    key = asked_for.get("activecallkey")
    named = {record.activecallkey for record in records if record.activecallkey}
    sure = named <= {key}
    return [one for one in records if one.activecallkey == key or (sure and not one.activecallkey)]
