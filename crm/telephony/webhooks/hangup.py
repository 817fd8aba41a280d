"""`POST /webhooks/hangup/<secret>`: a call that was dialled here has ended.

The address is the `hangup_url` of every dial (vendor's wiki, page "Click 2 Call").
"""

from flask import Response

from crm.extensions import csrf
from crm.models import EventSource
from crm.telephony.webhooks.blueprint import blueprint
from crm.telephony.webhooks.inbox import take
from crm.web.hosts import any_host
from crm.web.security import public


@blueprint.post("/hangup/<secret>")
@public
@any_host
@csrf.exempt
def hangup(secret: str) -> Response:
    """Kept as it came and answered 200, whatever it holds.

    404 when the secret is no tenant's, 413 when it is far too long to be the vendor's.
    """
    return take(secret, EventSource.HANGUP)
