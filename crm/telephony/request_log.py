"""The request log: what was asked at the vendor's API and answered, for the inspector.

Off until an admin switches it on for a tenant; it goes off by itself. `account.client_for` asks
`watch` for what the client tells of each request: None while it is off, so that nothing is done and
nothing is paid. All processes see the switch, because it is a column of the tenant that
they read anyway. Why only requests are logged: docs/adr/0028-inspector.md.
"""

import json
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from crm.callcenterstudio.api import Exchange, Watch
from crm.callcenterstudio.secret_filter import HIDDEN
from crm.extensions import db
from crm.models import LoggedRequest, Tenant, utc_now
from crm.models.locking import in_one_transaction, one_write
from crm.models.tenant import KEY_LENGTH
from crm.telephony.masking import masked

log = logging.getLogger(__name__)

STAYS_ON = timedelta(hours=1)
MOST_REQUESTS = 2000  # of a tenant
KEPT = timedelta(days=7)  # no retention time can be shorter
CUT_EVERY = 50  # requests
# A request for an agent must not wait for the log: on SQLite an import may hold the write lock.
LONGEST_WAIT = 1.0  # seconds
LONGEST_ANSWER = 64 * 1024  # bytes; of a longer one only its length is kept

_LOG = LoggedRequest.__table__
# Parameters that name the call, the surest first.
_CALL_KEYS = ("activecallkey", "callid", "transactionid", "uniqueid", "callkey")


def is_on(tenant: Tenant, now: datetime) -> bool:
    """Whether this tenant's requests are written down at this moment."""
    return tenant.inspected_until is not None and tenant.inspected_until > now


def switch(tenant_id: int, on: bool, *, now: datetime) -> None:
    """Write down a tenant's requests from now on, for STAYS_ON, or no longer; commits."""
    until = now + STAYS_ON if on else None
    statement = update(Tenant).where(Tenant.id == tenant_id).values(inspected_until=until)
    in_one_transaction(lambda: db.session.execute(statement))


def watch(tenant: Tenant, agent_id: int | None) -> Watch | None:
    """What a client of this tenant tells of its requests; None while the inspector is off.

    agent_id: the agent for whom they are made.
    """
    if not is_on(tenant, utc_now()):
        return None
    return partial(write, tenant.id, agent_id, hook_secret=tenant.hook_secret)


def write(
    tenant_id: int, agent_id: int | None, exchange: Exchange, *, hook_secret: str = ""
) -> None:
    """Write a request down, masked. A database that cannot be written to costs the entry, never
    the request.
    """
    question, params, answer = exchange.question, exchange.params, exchange.answer
    secrets = (*question.secrets, hook_secret)
    kept = {name: masked(value, secrets=secrets, name=name) for name, value in params.items()}
    if "hangup_url" in kept:
        kept["hangup_url"] = HIDDEN
    milliseconds = round(exchange.seconds * 1000)
    call_key = next((params[name] for name in _CALL_KEYS if params.get(name)), "")
    row = {
        "tenant_id": tenant_id,
        "agent_id": agent_id,
        "at": utc_now() - timedelta(milliseconds=milliseconds),
        "function": question.function,
        "key": question.key,
        "params": kept,
        "call_key": call_key[:KEY_LENGTH],
        "status": answer.status if answer else None,
        "milliseconds": milliseconds,
        "answer": _masked_body(answer.body, secrets) if answer else None,
        "problem": type(exchange.error).__name__ if exchange.error else "",
        "reason": masked(str(exchange.error or ""), secrets=secrets, name="message"),
    }
    try:
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            with one_write(connection, wait=LONGEST_WAIT):
                made = connection.execute(insert(_LOG).values(row)).inserted_primary_key
            if made is not None and made[0] % CUT_EVERY == 0:
                with one_write(connection, wait=LONGEST_WAIT):
                    beyond = select(_LOG.c.id).where(_LOG.c.tenant_id == tenant_id)
                    beyond = beyond.order_by(_LOG.c.id.desc()).offset(MOST_REQUESTS).limit(1)
                    last = connection.scalar(beyond) or 0
                    mine = (_LOG.c.tenant_id == tenant_id, _LOG.c.id <= last)
                    connection.execute(delete(_LOG).where(*mine))
    except SQLAlchemyError:
        log.warning("A request could not be written down for the inspector.")


def delete_old(now: datetime) -> None:
    """Delete requests older than KEPT; commits."""
    old = delete(LoggedRequest).where(LoggedRequest.at < now - KEPT)
    in_one_transaction(lambda: db.session.execute(old))


def _masked_body(body: bytes, secrets: tuple[str, ...]) -> Any:
    """The answer without what must not be kept: JSON as JSON, else the beginning of the text."""
    if len(body) > LONGEST_ANSWER:
        return f"({len(body)} bytes)"
    text = body.decode("utf-8-sig", "replace").strip()
    try:
        return masked(json.loads(text), secrets=secrets, name="message")
    except (ValueError, RecursionError):
        return masked(text, secrets=secrets, name="message")
