"""What Call Center Studio posts to this CRM: `POST /webhooks/hangup/<secret>`.

The address is the `hangup_url` of every dial. The post has no signature, so the secret in the
address is all that tells who sends it (vendor's wiki, page "Click 2 Call").
"""

import hmac
import json
import logging
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from crm import calls, jobs
from crm.extensions import csrf, db, limiter
from crm.models import Tenant
from crm.models.locking import in_one_transaction
from crm.web.security import public

log = logging.getLogger(__name__)
blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

LARGEST_POST = 16 * 1024  # bytes; the nine fields of the vendor take a few hundred
_strangers = count(1)


@blueprint.post("/hangup/<secret>")
@public
@csrf.exempt
@limiter.exempt
def hangup(secret: str) -> Response:
    """A call that was dialled here has ended. Kept as it came and answered 200, whatever it holds.

    404 when the secret is no tenant's, 413 when it is far too long to be the vendor's.
    """
    tenant_id = _tenant_with(secret)
    if tenant_id is None:
        log.warning("A hangup post came to a wrong address (%d so far).", next(_strangers))
        return _said("Not found", 404)
    request.max_content_length = LARGEST_POST
    try:
        form = _fields()
    except RequestEntityTooLarge:
        return _said("Too large", 413)

    def keep() -> None:
        call = calls.record_hangup(db.session.get_one(Tenant, tenant_id), form)
        jobs.ask_to_complete(call)

    in_one_transaction(keep)
    return _said("OK", 200)


def _tenant_with(secret: str) -> int | None:
    """Compared with every tenant's, each in constant time, so that time tells nothing."""
    found = None
    for tenant_id, own in db.session.execute(select(Tenant.id, Tenant.hook_secret)):
        if hmac.compare_digest(own.encode(), secret.encode()):
            found = tenant_id
    return found


def _fields() -> dict[str, Any]:
    """The post's fields, whichever way they are written. The vendor sends a form; tolerate all."""
    form = {**request.args.to_dict(), **request.form.to_dict()}
    if form:
        return form
    text = request.get_data(as_text=True)
    try:
        told = json.loads(text)
    except ValueError:
        return dict(parse_qsl(text))
    return told if isinstance(told, dict) else {"body": told}


def _said(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")
