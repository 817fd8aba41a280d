"""The vendor's list of an agent's calls (`getmyactivecalls`): who a masked caller is, a lost end.

The guide has the `activecallkey` of a masked caller sent to the API. The card asks here while the
caller is unknown (templates/call_panel/_who.html: at once, then every 5 seconds), and every 90
seconds while a call is up. This is a request of its own, so that neither the pop nor the recording
of messages waits for it.
"""

from flask import Blueprint
from flask_login import current_user

from crm import calls
from crm.callcenterstudio import CallCenterStudioError, Client
from crm.extensions import db
from crm.models import utc_now
from crm.telephony.call_panel import call_of, draw
from crm.telephony.records import ask_to_complete
from crm.telephony.session_store import my_account, my_session

blueprint = Blueprint("active_calls", __name__, url_prefix="/call-panel")


@blueprint.get("/<cid>/check")
def ask(cid: str) -> str:
    """Ask the vendor for the agent's calls, record what it says, and answer with the card.

    Each entry has a call's `activecallkey` and its number. `record_active_call`
    (crm/calls/record.py) finds the call by the key and takes the number; `tie`
    (crm/calls/contact_links.py) links it to the contact that had the number before the call. After
    the call its record has the number (`records.py`). A call that is missing from the list is over.
    """
    call_of(cid)  # 404 when this agent has no such call
    try:
        active_calls = my_session(my_account()).ask(Client.getmyactivecalls)
    except CallCenterStudioError:
        return draw(call_of(cid))
    for active in active_calls:
        calls.record_active_call(
            tenant_id=current_user.tenant_id, agent_id=current_user.id, active=active
        )
    keys = {active.activecallkey for active in active_calls}
    ask_to_complete(calls.end_if_gone(call_of(cid), current_user.id, keys, now=utc_now()))
    db.session.commit()
    return draw(call_of(cid))
