"""Records reports about calls: one function for each kind of report.

Pages, webhooks and the CDR import call these. Each keeps the event as it came, folds it into the
call's row and flushes; the caller commits. Times are aware, numbers as the vendor wrote them;
docs/calls.md says which source knows what. Records (CDR) have `record_page`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm.callcenterstudio.results import ActiveCall
from crm.calls import events as kinds
from crm.calls.events import Event, digest_of
from crm.calls.rows import place
from crm.models import Call, EventSource, Tenant, utc_now
from crm.models.json_text import storable


def record_message(
    *,
    tenant_id: int,
    agent_id: int,
    browser_call_id: str,
    kind: str,
    number: str = "",
    activecallkey: str | None = None,
    occurred_at: datetime,
    transaction_id: str | None = None,
) -> Call:
    """A message of the softphone in an agent's browser.

    kind: the vendor's messageType. browser_call_id: the page's own id of the call; `Accept` and
    `Talking` carry no other key. transaction_id: of the dial, if the page knows that this call is
    one.
    """
    payload = {
        "browser_call_id": browser_call_id,
        "number": number,
        "activecallkey": activecallkey,
        "transaction_id": transaction_id,
    }
    event = at_agent(EventSource.BROWSER, kind, agent_id, occurred_at, payload)
    return placed(tenant_id, event)


def record_active_call(
    *, tenant_id: int, agent_id: int, active: ActiveCall, at: datetime | None = None
) -> Call | None:
    """An entry of the vendor's list of the agent's calls. The key finds the call, which takes the
    number of a masked caller from it.

    None when the entry has no key: then it belongs to no call.
    """
    event = at_agent(
        EventSource.ACTIVE_CALL,
        kinds.ACTIVE_CALL,
        agent_id,
        at or utc_now(),
        storable(active.raw, kinds.LEVELS),
    )
    return place(tenant_id, event)


def record_hangup(
    tenant: Tenant, form: Mapping[str, Any], *, received_at: datetime | None = None
) -> Call | None:
    """The vendor's post at the end of a click2call, all of it as it came.

    None when it names no call; it is kept anyway.
    """
    event = Event(
        source=EventSource.HANGUP,
        kind=kinds.HANGUP_POST,
        occurred_at=received_at or utc_now(),
        payload=dict(form),
        digest=digest_of(EventSource.HANGUP, form),
    )
    return place(tenant.id, event)


def record_notification(
    tenant: Tenant, parameters: Mapping[str, Any], *, received_at: datetime | None = None
) -> Call | None:
    """A notification of the tenant's IVR, all of it as it came, with the names in force.

    None when it has no usable key; it is kept anyway, as not understood.
    """
    payload = {"parameters": dict(parameters), "names": dict(tenant.notification_map or {})}
    event = Event(
        source=EventSource.NOTIFICATION,
        kind=kinds.NOTIFICATION,
        occurred_at=received_at or utc_now(),
        payload=payload,
        digest=digest_of(EventSource.NOTIFICATION, parameters),
    )
    return place(tenant.id, event)


def at_agent(
    source: EventSource, kind: str, agent_id: int, at: datetime, payload: Mapping[str, Any]
) -> Event:
    """An event from an agent's browser, or from a request made for an agent."""
    digest = digest_of(source, kind, agent_id, at.timestamp(), payload)
    return Event(
        source=source,
        kind=kind,
        occurred_at=at,
        payload=dict(payload),
        agent_id=agent_id,
        digest=digest,
    )


def placed(tenant_id: int, event: Event, call_id: int | None = None) -> Call:
    """Find or make the row. Raises LookupError if the named row is gone."""
    call = place(tenant_id, event, call_id=call_id)
    if call is None:  # the event has a key or a row, so there is a call
        raise LookupError("the call is gone")
    return call
