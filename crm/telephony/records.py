"""The record of one call (`reportsCDRLogs` by its key), asked for until it is there.

The vendor has it some time after the hangup. Every report of a call - by the softphone, the hangup
post, the IVR - ends with `ask_to_complete`, which leaves a row of work. The worker takes it:
`complete` asks once. While there is no record it raises NotYetError, and `crm/worker/work.py` tries
again after growing pauses. When very many calls wait, `crm/worker/catch_up.py` reads them by dates.
"""

from datetime import datetime

from crm import calls
from crm.background import ClientFor, NotYetError, enqueue
from crm.callcenterstudio import Client
from crm.extensions import db
from crm.models import Call, CallState, Tenant
from crm.models.locking import in_one_transaction
from crm.telephony.pace import pace

COMPLETE_CALL = "complete_call"
NO_RECORD_YET = "Call Center Studio has no record of this call yet."
# Seconds before the record is asked for: after the hangup, or after the last message of a call
# without a hangup. The record shows whether that call has ended.
AFTER_THE_HANGUP = 2
AFTER_THE_LAST_SIGN = 15 * 60


def ask_to_complete(call: Call | None, *, now: datetime | None = None) -> None:
    """Have the call's record fetched. Call it after every report of a call.

    The caller commits.
    """
    if call is None or call.complete or call.dial_problem:
        return
    if call.activecallkey or call.transaction_id:
        ended = call.state is CallState.ENDED
        delay = AFTER_THE_HANGUP if ended else AFTER_THE_LAST_SIGN
        enqueue(COMPLETE_CALL, str(call.id), delay=delay, now=now)


def complete(subject: str, client_for: ClientFor) -> None:
    """Fetch the record of the call with this id. Raises NotYetError while there is none."""
    call = calls.find(int(subject))
    if call is None or call.complete or not (call.activecallkey or call.transaction_id):
        return
    tenant_id, key, transaction_id = call.tenant_id, call.activecallkey, call.transaction_id
    client = client_for(db.session.get_one(Tenant, tenant_id))
    db.session.rollback()  # no transaction is open while it waits
    pace().wait(tenant_id)
    found = complete_call(client, tenant_id, activecallkey=key, transaction_id=transaction_id)
    pace().note_answer(tenant_id, found=found)
    if not found:
        raise NotYetError(NO_RECORD_YET)


def complete_call(
    client: Client,
    tenant_id: int,
    *,
    activecallkey: str | None = None,
    transaction_id: str | None = None,
) -> bool:
    """Ask for one call's record and fold it in. Returns whether the call is complete now.

    It asks by the activecallkey if that is known, else by our transaction id, which is the record's
    `uniqueid` (vendor's wiki). False: there is no record yet, or the call is still up. Commits.
    Raises CallCenterStudioError.
    """
    db.session.rollback()  # no transaction is open while the vendor is asked
    if activecallkey:
        asked_for = {"activecallkey": activecallkey}
        told = client.cdr_logs_of_call(activecallkey=activecallkey)
        records = list(told)
        # One record alone is the answer (vendor's guide: 0 or 1 record). Of several - a transferred
        # call may have one for each leg - one without an activecallkey is of this call unless
        # another record names another call.
        if len(told) > 1:
            others = {one.activecallkey for one in told if one.activecallkey} - {activecallkey}
            own = {activecallkey} if others else {activecallkey, None}
            records = [one for one in told if one.activecallkey in own]
    elif transaction_id:
        asked_for = {"transaction_id": transaction_id}
        told = client.cdr_logs_of_call(uniqueid=transaction_id)
        records = [one for one in told if one.uniqueid == transaction_id]
    else:
        raise ValueError("the call has no key to ask for its record by")

    def fold_in() -> bool:
        tenant = db.session.get_one(Tenant, tenant_id)
        call: Call | None = None
        for record in records:
            call = calls.record_cdr(tenant, record, asked_for=asked_for)
        return call is not None and call.complete

    return in_one_transaction(fold_in)
