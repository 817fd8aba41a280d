"""`POST /webhooks/hangup/<secret>`: a call that was dialled here has ended.

The address is the `hangup_url` of every dial ("click2call", "Post Body That Goes to Hangup_url" in
the guide). Calls that were not dialled here send no post. How the post becomes a row:

1. `inbox.take` checks the secret, keeps the post as it came and answers 200.
2. The worker's `inbox.fold_inbox` hands it to `read` below, in one transaction with its deletion.
3. `calls.record_hangup` (crm/calls/record.py) makes an event of it.
4. `place` (crm/calls/rows.py) finds the row by the keys or makes it, and keeps the event once.
5. `refold` (crm/calls/apply.py) has `fold` (crm/calls/fold.py) decide what all events of the call
   say together, reading this one as a `HangupReport`, and writes that into the row.

Then the call's record is asked for by its `call_id`.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response

from crm import calls
from crm.extensions import csrf
from crm.models import EventSource, Tenant
from crm.telephony import inbox
from crm.telephony.records import ask_to_complete
from crm.web.hosts import any_host
from crm.web.security import public

blueprint = Blueprint("hangup", __name__, url_prefix="/webhooks")


@blueprint.post("/hangup/<secret>")
@public
@any_host
@csrf.exempt
def hangup(secret: str) -> Response:
    """Kept as it came and answered 200, whatever it holds.

    404 when the secret is no tenant's, 413 when it is far too long to be the vendor's, 429 while
    too much waits.
    """
    return inbox.take(secret, EventSource.HANGUP)


@inbox.reads(EventSource.HANGUP)
def read(tenant: Tenant, form: dict[str, Any], received_at: datetime) -> None:
    """What the worker does with it. `form` is read as a `HangupReport` of the client.

    Its `call_id` is the call's `activecallkey`, its `transaction_id` the id of the click that
    dialled: by these the call's row is found, or made where no browser told of the call.
    """
    ask_to_complete(calls.record_hangup(tenant, form, received_at=received_at))
