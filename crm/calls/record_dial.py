"""Records the results of our own dials (sent, refused, not taken), and hold.

`crm.telephony.dial` and `crm.telephony.call_panel` call these functions.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm.calls import events as kinds
from crm.calls.events import Event, digest_of
from crm.calls.record import at_agent, placed
from crm.models import Call, EventSource, utc_now


def record_dial(
    *,
    tenant_id: int,
    agent_id: int,
    browser_call_id: str,
    transaction_id: str,
    number: str,
    contact_id: int | None = None,
    masked: bool = False,
    callback_of: int | None = None,
    occurred_at: datetime | None = None,
) -> Call:
    """A dial of the CRM's own. Record it before the vendor is asked.

    number: in normal form. masked: the agent must not see it. contact_id: the contact that the
    agent means. callback_of: the missed call that this one calls back.
    """
    payload = {
        "browser_call_id": browser_call_id,
        "transaction_id": transaction_id,
        "number": number,
        "contact_id": contact_id,
        "masked": masked,
        "callback_of": callback_of,
    }
    at = occurred_at or utc_now()
    return placed(tenant_id, at_agent(EventSource.DIAL, kinds.DIAL, agent_id, at, payload))


def record_dial_failed(call: Call, reason: str, *, at: datetime | None = None) -> Call:
    """The vendor refused the dial or could not be asked; `reason` is a sentence for the agent.

    If the call is reported later, the reports count.
    """
    event = _of_call(call, kinds.DIAL_FAILED, at, {"reason": reason})
    return placed(call.tenant_id, event, call.id)


def record_dial_not_taken(call: Call, *, at: datetime | None = None) -> Call:
    """The vendor said yes, but no `Dial` message came: the softphone did not take the dial."""
    event = _of_call(call, kinds.DIAL_NOT_TAKEN, at, {})
    return placed(call.tenant_id, event, call.id)


def record_hold(
    call: Call, held: bool, *, at: datetime | None = None, agent_id: int | None = None
) -> Call:
    """The vendor put the call on hold for the agent, or took it off."""
    kind = kinds.HOLD if held else kinds.UNHOLD
    event = _of_call(call, kind, at, {}, agent_id or call.agent_id)
    return placed(call.tenant_id, event, call.id)


def _of_call(
    call: Call,
    kind: str,
    at: datetime | None,
    payload: Mapping[str, Any],
    agent_id: int | None = None,
) -> Event:
    """An event without a key for a known row. Without `at` it can happen to a call only once."""
    source = EventSource.DIAL if agent_id is None else EventSource.AGENT
    when = at.timestamp() if at else None
    return Event(
        source=source,
        kind=kind,
        occurred_at=at or utc_now(),
        payload=dict(payload),
        agent_id=agent_id,
        digest=digest_of(source, kind, call.id, agent_id, when, payload),
    )
