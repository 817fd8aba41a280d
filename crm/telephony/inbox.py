"""The webhook inbox: stores what Call Center Studio sends, and reads it a moment later.

`hangup` and `notifications` hand their requests to `take`. It makes one short write and answers,
even if the call tables are busy. `flask worker` calls `fold_inbox` once a second; that hands each
entry to the reader of its chapter. The reasons: docs/adr/0013-webhook-inbox.md.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request
from sqlalchemy import bindparam, insert, literal, or_, select
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from crm.extensions import db
from crm.models import (
    EventSource,
    InboxEntry,
    Tenant,
    inbox_file,
    utc_now,
)
from crm.models.locking import in_one_transaction
from crm.telephony import request_fields
from crm.telephony.inbox_bounds import is_full, tenants_without_room
from crm.telephony.webhook_secrets import forget_owners, owner_of
from crm.web import refused_webhooks

log = logging.getLogger(__name__)

LARGEST = 16 * 1024  # bytes of query or body; the vendor's nine fields take a few hundred
TOO_LARGE = f"Too large: nothing is kept of more than {LARGEST} bytes"
TOO_MANY = "Too many wait to be read: nothing is kept of this one. Send it again in a minute"

AT_ONCE = 500
# Of the worker's loop, which runs once a second and has other work too.
LONGEST_SECONDS = 0.8
# While more come than can be folded, answering has priority: rows can wait, the vendor may not.
LONGEST_SECONDS_IN_A_FLOOD = 0.2
# SQLite has one write lock and does not queue for it. A pause between two entries lets pages write,
# or a long backlog would keep agents waiting.
SECONDS_BETWEEN = 0.005
# Before an entry that could not be folded is tried again: a minute, doubled each time to a day.
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(days=1)
LONGEST_ERROR = 500

_TENANT, _ENTRY = Tenant.__table__, InboxEntry.__table__
# No row once the tenant has gone or has another secret.
_CAME = select(
    _TENANT.c.id.label("tenant_id"),
    bindparam("source", type_=_ENTRY.c.source.type).label("source"),
    bindparam("received_at", type_=_ENTRY.c.received_at.type).label("received_at"),
    bindparam("payload", type_=_ENTRY.c.payload.type).label("payload"),
).where(_TENANT.c.id == bindparam("tenant"), _TENANT.c.hook_secret_digest == bindparam("digest"))
_KEEP = insert(_ENTRY).from_select(
    ["tenant_id", "source", "received_at", "payload", "attempts", "last_error"],
    _CAME.add_columns(literal(0), literal("")),
    include_defaults=False,
)

Reader = Callable[[Tenant, dict[str, Any], datetime], Any]
readers: dict[EventSource, Reader] = {}


def reads(source: EventSource) -> Callable[[Reader], Reader]:
    """Register a function that the worker calls with each entry of this source.

    It gets the tenant, the fields and the time of receipt, and flushes.
    """

    def register(reader: Reader) -> Reader:
        readers[source] = reader
        return reader

    return register


def take(secret: str, source: EventSource) -> Response:
    """Keep a request for the tenant with this secret; the answer says what had to be cut.

    404 for a wrong secret, 413 for a request far too long, 429 while far too many wait.
    """
    request.max_content_length = LARGEST
    owner = owner_of(secret)
    if owner is None:
        refused_webhooks.count(refused_webhooks.WRONG_SECRET)
        return answer("Not found", 404)
    try:
        sent = request_fields.read(request)
        if len(request.query_string) > LARGEST:
            raise RequestEntityTooLarge
    except RequestEntityTooLarge:
        refused_webhooks.count(refused_webhooks.UNREADABLE)
        return answer(TOO_LARGE, 413)
    if is_full(owner.tenant_id):
        refused_webhooks.count(refused_webhooks.TOO_MANY)
        return answer(TOO_MANY, 429)
    entry = {"source": source, "received_at": utc_now(), "payload": sent.payload}
    if not _write(entry | {"tenant": owner.tenant_id, "digest": owner.digest}):
        forget_owners()
        refused_webhooks.count(refused_webhooks.WRONG_SECRET)
        return answer("Not found", 404)
    return answer("\n".join(["OK", *sent.changes]), 200)


def answer(text: str, status: int) -> Response:
    """Answer with a short text. The vendor reads at most the status."""
    return Response(f"{text}\n", status, mimetype="text/plain")


def _write(values: dict[str, Any]) -> bool:
    """Write one entry. Writers of calls do not delay it. False if the secret is no longer valid."""
    file = inbox_file.engine()
    with db.engine.connect() as connection:
        # A statement alone is a transaction: no BEGIN and no COMMIT go to PostgreSQL.
        connection.execution_options(isolation_level="AUTOCOMMIT", preserve_rowcount=True)
        if file is None:
            return connection.execute(_KEEP, values).rowcount == 1
        came = connection.execute(_CAME, values).mappings().first()
    if came is not None:
        inbox_file.keep(file, came)
    return came is not None


def fold_inbox(
    limit: int = AT_ONCE,
    *,
    seconds: float = LONGEST_SECONDS,
    now: datetime | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Fold what has arrived, oldest first, for so many `seconds` at most; how many were folded.

    Each entry is folded, its record asked for and the entry deleted in one transaction, so a worker
    that is killed leaves it whole. An entry that cannot be folded is kept, logged and tried later;
    it delays no other. Commits.
    """
    now = now or utc_now()
    inbox_file.move_to_database()
    due = or_(InboxEntry.next_try_at.is_(None), InboxEntry.next_try_at <= now)
    has_room = InboxEntry.tenant_id.not_in(tenants_without_room(now))
    oldest = select(InboxEntry.id).where(due, has_room).order_by(InboxEntry.id).limit(limit)
    waiting = list(db.session.scalars(oldest))
    if len(waiting) == AT_ONCE:
        newest = select(InboxEntry.received_at).order_by(InboxEntry.id.desc()).limit(1)
        came = db.session.scalar(newest)
        if came is not None and now - came < timedelta(seconds=1):  # they keep coming
            seconds = min(seconds, LONGEST_SECONDS_IN_A_FLOOD)
    until = clock() + seconds
    folded = 0
    db.session.rollback()  # no lock is held while the first one is folded
    for entry_id in waiting:
        if clock() >= until:
            break
        folded += _fold_or_keep(entry_id, now)
        if db.engine.dialect.name == "sqlite":
            time.sleep(SECONDS_BETWEEN)
    return folded


def _fold_or_keep(entry_id: int, now: datetime) -> bool:
    mine = select(InboxEntry).where(InboxEntry.id == entry_id).with_for_update(skip_locked=True)

    def fold() -> bool:
        entry = db.session.scalar(mine)
        if entry is None:  # another worker has it, or had it
            return False
        tenant = db.session.get_one(Tenant, entry.tenant_id)
        readers[entry.source](tenant, entry.payload, entry.received_at)
        db.session.delete(entry)
        return True

    def keep(reason: str) -> None:
        entry = db.session.scalar(mine)
        if entry is not None:
            pause = min(FIRST_PAUSE * 2**entry.attempts, LONGEST_PAUSE)
            entry.attempts += 1
            entry.last_error, entry.next_try_at = reason, now + pause

    try:
        return in_one_transaction(fold)
    except OperationalError:  # a fault of the database, not of the entry: all are tried again soon
        raise
    except Exception as error:  # no entry may hold up the others
        db.session.rollback()
        log.exception("Inbox entry %d cannot be folded; it is kept and tried later.", entry_id)
        # The first line says what is wrong; below it a database quotes the data.
        reason = f"{type(error).__name__}: {error}".partition("\n")[0][:LONGEST_ERROR]
        in_one_transaction(lambda: keep(reason))
        return False
