"""`/webhooks/notification/<secret>`: a step of the tenant's IVR reports a call.

"Call and Incoming Call Notifications" in the guide. An admin pastes the address into that step. It
is sent as a GET with a query (vendor's guide), or as a POST with a query and no body (seen in one
production set-up); a form or JSON is accepted too. The customer chooses the names of the
parameters. Each tenant has a map, meaning -> name, which is set on the settings page and is kept
with each notification. `notification_of` (crm/calls/events.py) hands both to
`NotificationReport.parse` of the client whenever the call's facts are chosen.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from sqlalchemy import select

from crm import calls
from crm.callcenterstudio.webhooks import MEANINGS
from crm.extensions import csrf, db
from crm.models import CallEvent, EventSource, InboxEntry, Tenant
from crm.models.locking import take_write_lock
from crm.telephony import inbox
from crm.telephony.records import ask_to_complete
from crm.tenants import InvalidTenantError
from crm.tenants.checks import Problems
from crm.web.hosts import any_host
from crm.web.security import public

blueprint = Blueprint("notifications", __name__, url_prefix="/webhooks")

LONGEST_NAME = 100
READ_AGAIN_AT_MOST = 1000


@blueprint.route("/notification/<secret>", methods=["GET", "POST"])
@public
@any_host
@csrf.exempt
def notification(secret: str) -> Response:
    """Keep the request as it came and answer 200, whatever it holds.

    404 for an unknown secret, 413 for a request far longer than the vendor's, 429 while too many
    wait.
    """
    if request.method == "HEAD":  # from a program that checks the address, not from the vendor
        return inbox.answer("OK", 200)
    return inbox.take(secret, EventSource.NOTIFICATION)


@inbox.reads(EventSource.NOTIFICATION)
def read(tenant: Tenant, parameters: dict[str, Any], received_at: datetime) -> None:
    """Record a notification; the worker calls it. The tenant's names are kept with the parameters.

    Only the key is needed; the call's record, which is asked for by the key, has the rest. A
    notification without a readable key is kept, and read again when the names change.
    """
    ask_to_complete(calls.record_notification(tenant, parameters, received_at=received_at))


def set_names(tenant: Tenant, names: Mapping[str, str]) -> None:
    """Set the names of the parameters; an empty one means the usual ones (`MEANINGS`).

    Raises InvalidTenantError with a sentence for each invalid name, and then changes nothing. Does
    not commit.
    """
    given = {meaning: names.get(meaning, "").strip() for meaning in MEANINGS}
    kept = {meaning: name for meaning, name in given.items() if name}
    problems: Problems = {}
    seen: set[str] = set()
    for meaning, name in kept.items():
        if len(name) > LONGEST_NAME or any(letter.isspace() for letter in name):
            problems[meaning] = _("A name is one word of at most 100 characters.")
        elif name.lower() in seen:
            problems[meaning] = _("Another parameter has this name already.")
        seen.add(name.lower())
    if problems:
        raise InvalidTenantError(problems)
    tenant.notification_map = kept


def read_again(tenant: Tenant) -> int:
    """Put the newest notifications without a call back into the inbox; returns how many.

    Call it when the names have changed. Flushes.
    """
    take_write_lock()
    alone = select(CallEvent).where(
        CallEvent.tenant_id == tenant.id,
        CallEvent.source == EventSource.NOTIFICATION,
        CallEvent.call_id.is_(None),
    )
    newest = alone.order_by(CallEvent.id.desc()).limit(READ_AGAIN_AT_MOST)
    events = list(db.session.scalars(newest.with_for_update()))
    for event in reversed(events):
        entry = InboxEntry(
            tenant_id=event.tenant_id,
            source=event.source,
            received_at=event.occurred_at,
            payload=event.payload.get("parameters") or {},
        )
        db.session.add(entry)
        db.session.delete(event)
    db.session.flush()
    return len(events)
