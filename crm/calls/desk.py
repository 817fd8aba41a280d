"""What an agent does with a call in the panel: writes, chooses, is done; and ends of lost calls.

`crm.telephony.call_panel` and the call's page call these; they flush, the caller commits. Notes and
outcomes are events too, so that joining two rows loses neither.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from crm.calls import events as kinds
from crm.calls import note_writing
from crm.calls.events import Event, digest_of
from crm.calls.rows import locked, place
from crm.models import Call, CallState, EventSource, utc_now

LISTED_WITHIN = timedelta(seconds=30)


def record_wrap_up(
    call: Call,
    agent_id: int,
    *,
    note: str | None = None,
    outcome: str | None = None,
    contact_id: int | None = None,
    at: datetime | None = None,
) -> Call:
    """Note, outcome and contact as the agent sets them; None leaves each as it is.

    The note takes the place of the notes that this agent wrote before. Returns the row that the
    call is in now.
    """
    call = locked(call.id)
    at = at or utc_now()
    if note is not None:
        call = note_writing.record_note(call, agent_id, note, at=at)
    if outcome is not None and outcome != call.outcome:
        call = _write(call, agent_id, kinds.OUTCOME, at, {"outcome": outcome})
    if contact_id is not None:
        call = _write(call, agent_id, kinds.CONTACT, at, {"contact_id": contact_id})
    return call


def close_card(call: Call, agent_id: int, *, at: datetime | None = None) -> Call:
    """The agent is done with the call: its card leaves the panel, until it rings again."""
    return _write(call, agent_id, kinds.DONE, at or utc_now(), {})


def settle(call: Call, agent_id: int, active_keys: Collection[str], *, now: datetime) -> Call:
    """End a call at an agent when the vendor's list of that agent's calls has it no more.

    active_keys: the `activecallkey`s of the list. A call that never got a key can only be ended
    when the list is empty: it may be any of those that are in it. One that began or was answered
    within LISTED_WITHIN may not be in the list yet.
    """
    gone = call.activecallkey not in active_keys if call.activecallkey else not active_keys
    if call.state is CallState.ENDED or not gone or now - call.state_since < LISTED_WITHIN:
        return call
    return _write(call, agent_id, kinds.GONE, now, {})


def _write(
    call: Call,
    agent_id: int,
    kind: str,
    at: datetime,
    payload: Mapping[str, Any],
) -> Call:
    source = EventSource.ACTIVE_CALL if kind == kinds.GONE else EventSource.AGENT
    event = Event(
        source=source,
        kind=kind,
        occurred_at=at,
        payload=dict(payload),
        agent_id=agent_id,
        digest=digest_of(source, kind, call.id, agent_id, at.timestamp(), payload),
    )
    return place(call.tenant_id, event, call_id=call.id) or call
