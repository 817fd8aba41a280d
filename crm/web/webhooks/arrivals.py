"""One request of the vendor becomes one row of `Arrival`: the whole of what a webhook does.

Nothing else is read or written, so that hundreds a second are answered while the worker, the
pages and an import are busy with the rows of calls. `crm.jobs.fold_arrivals` goes on from here.
"""

from typing import Any

from flask import Response, request
from sqlalchemy import bindparam, insert, literal, select
from werkzeug.exceptions import RequestEntityTooLarge

from crm.extensions import db
from crm.models import Arrival, EventSource, Tenant, utc_now
from crm.models.locking import one_write
from crm.web.webhooks import reading, strangers, tenant_secrets
from crm.web.webhooks.tenant_secrets import Owner

LARGEST = 16 * 1024  # bytes of query or body; the vendor's nine fields take a few hundred
TOO_LARGE = f"Too large: nothing is kept of more than {LARGEST} bytes"

_TENANT, _ARRIVAL = Tenant.__table__, Arrival.__table__
# One statement that writes nothing once the tenant has gone or has another secret.
_KEEP = insert(_ARRIVAL).from_select(
    ["tenant_id", "source", "received_at", "payload", "attempts", "last_error"],
    select(
        _TENANT.c.id,
        bindparam("source", type_=_ARRIVAL.c.source.type),
        bindparam("received_at", type_=_ARRIVAL.c.received_at.type),
        bindparam("payload", type_=_ARRIVAL.c.payload.type),
        literal(0),
        literal(""),
    ).where(
        _TENANT.c.id == bindparam("tenant"), _TENANT.c.hook_secret_digest == bindparam("digest")
    ),
    include_defaults=False,
)


def take(secret: str, source: EventSource) -> Response:
    """Keep what came for the tenant that has this secret; the answer says what had to be cut.

    404 for a stranger, 413 for a flood.
    """
    request.max_content_length = LARGEST
    owner = tenant_secrets.owner_of(secret)
    if owner is None:
        strangers.count()
        return answer("Not found", 404)
    try:
        told = reading.read(request)
        if len(request.query_string) > LARGEST:
            raise RequestEntityTooLarge
    except RequestEntityTooLarge:
        strangers.count(strangers.REFUSED)
        return answer(TOO_LARGE, 413)
    if not _keep(owner, source, told.payload):  # the tenant has gone or has a new secret
        tenant_secrets.forget()
        strangers.count()
        return answer("Not found", 404)
    return answer("\n".join(["OK", *told.changes]), 200)


def answer(text: str, status: int) -> Response:
    """The vendor reads the status, if anything."""
    return Response(f"{text}\n", status, mimetype="text/plain")


def _keep(owner: Owner, source: EventSource, fields: dict[str, Any]) -> bool:
    values = {"source": source, "received_at": utc_now(), "payload": fields}
    with db.engine.connect() as connection:
        # A statement alone is a transaction: no BEGIN and no COMMIT go to PostgreSQL.
        connection.execution_options(isolation_level="AUTOCOMMIT", preserve_rowcount=True)
        with one_write(connection):
            told = connection.execute(
                _KEEP, values | {"tenant": owner.tenant_id, "digest": owner.digest}
            )
        return told.rowcount == 1
