"""Completing calls that have ended: their records are fetched until they are there."""

from datetime import datetime

from crm import calls
from crm.background import ClientFor, NotYetError, enqueue
from crm.extensions import db
from crm.models import Call, CallState, Tenant
from crm.telephony.cdr_import import complete_call
from crm.telephony.pace import pace

COMPLETE_CALL = "complete_call"
NO_RECORD_YET = "Call Center Studio has no record of this call yet."
FIRST_PAUSE = 2
# Seconds after the last that was heard of a call; its record tells whether it has ended since.
END_IS_LOST_AFTER = 15 * 60


def ask_to_complete(call: Call | None, *, now: datetime | None = None) -> None:
    """Have the call's record fetched: soon once it has ended, later if its end is never heard of.

    Call it after everything that is told of a call. The caller commits.
    """
    if call is None or call.complete or call.dial_problem:
        return
    if call.activecallkey or call.transaction_id:
        pause = FIRST_PAUSE if call.state is CallState.ENDED else END_IS_LOST_AFTER
        enqueue(COMPLETE_CALL, str(call.id), delay=pause, now=now)


def complete(subject: str, client_for: ClientFor) -> None:
    """Fetch the record of the call with this id. Raises NotYetError while there is none."""
    call = calls.find(int(subject))
    if call is None or call.complete or not (call.activecallkey or call.transaction_id):
        return
    tenant_id, key, transaction_id = call.tenant_id, call.activecallkey, call.transaction_id
    client = client_for(db.session.get_one(Tenant, tenant_id))
    db.session.rollback()  # no transaction is open while it waits its turn
    pace().wait(tenant_id)
    found = complete_call(client, tenant_id, activecallkey=key, transaction_id=transaction_id)
    pace().told(tenant_id, found=found)
    if not found:
        raise NotYetError(NO_RECORD_YET)
