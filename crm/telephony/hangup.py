"""`POST /webhooks/hangup/<secret>`: a call that was dialled here has ended.

The address is the `hangup_url` of every dial ("click2call", "Post Body That Goes to Hangup_url" in
the guide). Calls that were not dialled here send no post. How the post becomes a row:

1. `inbox.take` checks the secret, keeps the post as it came and answers 200.
2. The worker's `inbox.fold_inbox` hands it to `read` below, in one transaction with its deletion.
3. `calls.record_hangup` (crm/calls/record.py) makes an event of it.
4. `place` (crm/calls/rows.py) finds the row by `call_id` or `transaction_id` (`keys_of` in
   crm/calls/events.py), or makes it, and keeps the event once.
5. `refold` (crm/calls/apply.py) writes the facts into the row: `fold` chooses them, field by field,
   from all events of the call. What a `HangupReport` says is `_of_hangup` in crm/calls/sources.py.

Then the worker asks for the call's record by its `call_id`.
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
    """Keep the post as it came and answer 200, whatever it holds.

    404 for an unknown secret, 413 for a post far longer than the vendor's, 429 while too many wait.
    """
    return inbox.take(secret, EventSource.HANGUP)


@inbox.reads(EventSource.HANGUP)
def read(tenant: Tenant, form: dict[str, Any], received_at: datetime) -> None:
    """Record a post; the worker calls it. `form` is that of a `HangupReport` of the client.

    Its `call_id` is the call's `activecallkey`, its `transaction_id` the id of the click that
    dialled. They find the call's row; if no browser has reported the call, a new row is made.
    """
    ask_to_complete(calls.record_hangup(tenant, form, received_at=received_at))
