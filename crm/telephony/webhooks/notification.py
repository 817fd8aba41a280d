"""`GET` or `POST /webhooks/notification/<secret>`: a step of the tenant's IVR tells of a call.

An admin pastes the address into that step. It is sent as a GET with a query (vendor's guide), or
as a POST with a query and no body (seen in one production set-up); a form or JSON is taken too.
"""

from flask import Response, request

from crm.extensions import csrf
from crm.models import EventSource
from crm.telephony.webhooks.blueprint import blueprint
from crm.telephony.webhooks.inbox import answer, take
from crm.web.hosts import any_host
from crm.web.security import public


@blueprint.route("/notification/<secret>", methods=["GET", "POST"])
@public
@any_host
@csrf.exempt
def notification(secret: str) -> Response:
    """Kept as it came and answered 200, whatever it holds; what it means is read by the worker.

    404 when the secret is no tenant's, 413 when it is far too long to be the vendor's.
    """
    if request.method == "HEAD":  # a program that looks whether there is anything, not the vendor
        return answer("OK", 200)
    return take(secret, EventSource.NOTIFICATION)
