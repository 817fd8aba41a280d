"""`POST /webhooks/check/<secret>`: a webhook that the CRM sends to itself, through PUBLIC_URL.

`flask doctor` and the checks page call `send`. It takes the vendor's way in: the name, the proxies
and the tenant's secret. The view tells how the request arrived, and stores nothing. It answers only
to who knows SECRET_KEY; for all others it does not exist.
"""

from dataclasses import dataclass
from typing import Any

import requests
from flask import Blueprint, Response, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from urllib3.exceptions import HTTPError

from crm.callcenterstudio.transport import private_session
from crm.extensions import csrf
from crm.telephony.inbox import answer
from crm.telephony.webhook_secrets import owner_of
from crm.web.hosts import any_host
from crm.web.security import public

LARGEST = 1000  # bytes
SECONDS_VALID = 60
WRONG_SECRET = 403

blueprint = Blueprint("webhook_check", __name__, url_prefix="/webhooks")


@dataclass(frozen=True)
class Arrival:
    """How the CRM saw a request that it had sent to itself."""

    found: str  # "arrived", "wrong_secret", "something_else", "certificate" or "no_answer"
    scheme: str = ""
    host: str = ""
    proxies: int = 0  # how many have named themselves in X-Forwarded-For


@blueprint.post("/check/<secret>")
@public
@any_host
@csrf.exempt
def check(secret: str) -> Response | dict[str, Any]:
    """Tell how the request arrived.

    403 for a wrong secret, 404 for a request that `send` has not made.
    """
    request.max_content_length = LARGEST
    try:
        _signer(current_app.extensions["settings"].signing_keys).loads(
            request.form.get("check", ""), SECONDS_VALID
        )
    except BadData:
        return answer("Not found", 404)
    if owner_of(secret) is None:
        return answer("Wrong secret", WRONG_SECRET)
    passed = ",".join(request.headers.getlist("X-Forwarded-For"))
    proxies = len(passed.split(",")) if passed else 0
    return {"scheme": request.scheme, "host": request.host, "proxies": proxies}


def send(address: str, *, secret_key: str, seconds: float) -> Arrival:
    """Send one to this address of a tenant, and return how it arrived; raises nothing."""
    form = {"check": _signer([secret_key]).dumps("webhook")}
    try:
        with private_session() as http:
            given = http.post(address, data=form, timeout=seconds, allow_redirects=False)
        if given.status_code == WRONG_SECRET and given.text.strip() == "Wrong secret":
            return Arrival("wrong_secret")
        told = given.json() if given.ok else None
        return Arrival("arrived", **told) if isinstance(told, dict) else Arrival("something_else")
    except requests.exceptions.SSLError:
        return Arrival("certificate")
    except (requests.JSONDecodeError, TypeError):
        return Arrival("something_else")
    except (requests.RequestException, HTTPError, OSError, ValueError):
        return Arrival("no_answer")


def _signer(keys: list[str]) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keys, salt="webhook check")
