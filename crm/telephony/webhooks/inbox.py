"""One request of the vendor becomes one row of `Arrival`: the whole of what a webhook does.

Nothing else is written, and on SQLite that is written into a file of its own (`crm.models.inbox`):
hundreds a second are answered while the worker, the pages and an import are busy with the rows of
calls. `crm.worker.fold_arrivals` goes on from here.
"""

from typing import Any

from flask import Response, request
from sqlalchemy import bindparam, insert, literal, select
from werkzeug.exceptions import RequestEntityTooLarge

from crm.extensions import db
from crm.models import Arrival, EventSource, Tenant, inbox, utc_now
from crm.telephony.webhooks import reading, room, tenant_secrets
from crm.telephony.webhooks.tenant_secrets import Owner
from crm.web import wrong_secrets

LARGEST = 16 * 1024  # bytes of query or body; the vendor's nine fields take a few hundred
TOO_LARGE = f"Too large: nothing is kept of more than {LARGEST} bytes"
TOO_MANY = "Too many wait to be read: nothing is kept of this one. Send it again in a minute"

_TENANT, _ARRIVAL = Tenant.__table__, Arrival.__table__
# Nothing once the tenant has gone or has another secret.
_CAME = select(
    _TENANT.c.id.label("tenant_id"),
    bindparam("source", type_=_ARRIVAL.c.source.type).label("source"),
    bindparam("received_at", type_=_ARRIVAL.c.received_at.type).label("received_at"),
    bindparam("payload", type_=_ARRIVAL.c.payload.type).label("payload"),
).where(_TENANT.c.id == bindparam("tenant"), _TENANT.c.hook_secret_digest == bindparam("digest"))
_KEEP = insert(_ARRIVAL).from_select(
    ["tenant_id", "source", "received_at", "payload", "attempts", "last_error"],
    _CAME.add_columns(literal(0), literal("")),
    include_defaults=False,
)


def take(secret: str, source: EventSource) -> Response:
    """Keep what came for the tenant that has this secret; the answer says what had to be cut.

    404 for a stranger, 413 for what is far too long, 429 while far too much waits.
    """
    request.max_content_length = LARGEST
    owner = tenant_secrets.owner_of(secret)
    if owner is None:
        wrong_secrets.count()
        return answer("Not found", 404)
    try:
        told = reading.read(request)
        if len(request.query_string) > LARGEST:
            raise RequestEntityTooLarge
    except RequestEntityTooLarge:
        wrong_secrets.count(wrong_secrets.REFUSED)
        return answer(TOO_LARGE, 413)
    if room.is_full(owner.tenant_id):
        wrong_secrets.count(wrong_secrets.TOO_MANY)
        return answer(TOO_MANY, 429)
    if not _keep(owner, source, told.payload):  # the tenant has gone or has a new secret
        tenant_secrets.forget()
        wrong_secrets.count()
        return answer("Not found", 404)
    return answer("\n".join(["OK", *told.changes]), 200)


def answer(text: str, status: int) -> Response:
    """The vendor reads the status, if anything."""
    return Response(f"{text}\n", status, mimetype="text/plain")


def _keep(owner: Owner, source: EventSource, fields: dict[str, Any]) -> bool:
    """Write it down where nobody is waited for; False when it is nobody's any more."""
    values = {"source": source, "received_at": utc_now(), "payload": fields}
    values |= {"tenant": owner.tenant_id, "digest": owner.digest}
    file = inbox.engine()
    with db.engine.connect() as connection:
        # A statement alone is a transaction: no BEGIN and no COMMIT go to PostgreSQL.
        connection.execution_options(isolation_level="AUTOCOMMIT", preserve_rowcount=True)
        if file is None:
            return connection.execute(_KEEP, values).rowcount == 1
        came = connection.execute(_CAME, values).mappings().first()
    if came is not None:
        inbox.keep(file, came)
    return came is not None
