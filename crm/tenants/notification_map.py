"""What the parameters of a tenant's notifications are called, and reading some of them again.

The customer chooses the names in the step of the IVR (vendor's guide), so each tenant has a map:
meaning -> name. The settings page changes it; nothing here commits.
"""

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import select

from crm.callcenterstudio.webhooks import MEANINGS
from crm.extensions import db
from crm.models import Arrival, CallEvent, EventSource, Tenant
from crm.models.locking import take_write_lock
from crm.tenants.checks import InvalidTenantError, Problems

LONGEST_NAME = 100
READ_AGAIN_AT_MOST = 1000

#: Names of our own example, all of them plain.
EXAMPLE: Mapping[str, str] = {meaning: meaning for meaning in MEANINGS}


def set_names(tenant: Tenant, names: Mapping[str, str]) -> None:
    """Set the names of the parameters; an empty one means the usual ones (`MEANINGS`).

    Raises InvalidTenantError with a sentence for each that cannot be; nothing is changed then.
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
    """Let the worker read the newest notifications once more that nobody could tell the call of.

    Returns how many. To be called when the names have changed; flushes.
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
        db.session.add(_as_it_arrived(event))
        db.session.delete(event)
    db.session.flush()
    return len(events)


def _as_it_arrived(event: CallEvent) -> Arrival:
    return Arrival(
        tenant_id=event.tenant_id,
        source=event.source,
        received_at=event.occurred_at,
        payload=event.payload.get("parameters") or {},
    )
