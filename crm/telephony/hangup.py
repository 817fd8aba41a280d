"""`POST /webhooks/hangup/<secret>`: a call that was dialled here has ended.

The address is the `hangup_url` of every dial ("click2call", "Post Body That Goes to Hangup_url" in
the guide). The post is kept (`inbox`); a moment later the worker folds it into its call and has the
call's record fetched by its `call_id`. Calls that were not dialled here send no post.
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
