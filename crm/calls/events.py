"""An event of a call as the decisions read it, and the keys that find its call.

Pure: no database, no clock. `record` and `wrap_up` make events, `rows` finds their calls by the
keys, `fold` reads them.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.callcenterstudio.results import CdrRecord
from crm.callcenterstudio.webhooks import HangupReport, NotificationReport
from crm.models import CallEvent, EventSource
from crm.models.tenant import KEY_LENGTH

# Kinds of events without a name of the vendor. A browser event's kind is its messageType.
DIAL = "dial"
DIAL_FAILED = "failed"
DIAL_NOT_TAKEN = "not_taken"
ACTIVE_CALL = "active_call"
GONE = "gone"  # no longer in the vendor's list of active calls
HANGUP_POST = "hangup"
NOTIFICATION = "notification"
CDR = "cdr"
HOLD = "hold"
UNHOLD = "unhold"
DONE = "done"
NOTE = "note"
OUTCOME = "outcome"
CONTACT = "contact"
MISSED_DONE = "missed_done"  # an agent has marked this missed call done
MISSED_UNDONE = "missed_undone"  # an agent has undone that

LEVELS = 10  # kept levels of nested lists and objects in the vendor's answers; seen: two
VENDOR_KEYS = ("activecallkey", "callkey", "transaction_id")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One report about a call."""

    source: EventSource
    kind: str  # a messageType of the softphone's, or one of the kinds above
    occurred_at: datetime
    payload: Mapping[str, Any] = field(repr=False)  # as it came
    agent_id: int | None = None
    digest: str = ""  # equal for a repeated report, which is one event
    # The payload of a CDR, if it has been parsed already.
    record: CdrRecord | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The keys of an event or a row. Only these merge rows; numbers and times never do."""

    activecallkey: str | None = None
    callkey: str | None = None
    transaction_id: str | None = None
    browser_call_id: str | None = None

    def __bool__(self) -> bool:
        return bool(self.vendor_keys or self.browser_call_id)

    @property
    def vendor_keys(self) -> tuple[tuple[str, str], ...]:
        """The vendor's keys that are known, each with the name of its column."""
        pairs = [(name, getattr(self, name)) for name in VENDOR_KEYS]
        return tuple((name, value) for name, value in pairs if value)


def event_of(row: CallEvent) -> Event:
    """The event in a stored row."""
    return Event(
        source=row.source,
        kind=row.kind,
        occurred_at=row.occurred_at,
        payload=row.payload,
        agent_id=row.agent_id,
        digest=row.digest,
    )


def columns_of_event(event: Event, tenant_id: int, call_id: int | None) -> dict[str, Any]:
    """The columns that store an event. call_id: None if it names no call."""
    return {
        "tenant_id": tenant_id,
        "call_id": call_id,
        "agent_id": event.agent_id,
        "source": event.source,
        "kind": event.kind,
        "occurred_at": event.occurred_at,
        "payload": dict(event.payload),
        "digest": event.digest,
    }


def digest_of(*parts: object) -> str:
    """A digest of a report: equal for equal parts, whatever the order of their fields."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def keys_of(event: Event) -> Keys:
    """The keys that the event carries."""
    payload = event.payload
    if event.source is EventSource.CDR:
        record, asked_for = cdr_of(event), payload.get("asked_for") or {}
        # The record itself may lack its activecallkey; then the question for it has the key.
        return Keys(
            activecallkey=usable(asked_for.get("activecallkey")) or usable(record.activecallkey),
            callkey=usable(record.callkey),
            transaction_id=usable(asked_for.get("transaction_id")) or usable(record.uniqueid),
        )
    if event.source is EventSource.HANGUP:
        report = HangupReport.parse(payload)
        # `call_id` is what reportsCDRLogs takes as activecallkey (vendor's guide).
        return Keys(
            activecallkey=usable(report.call_id), transaction_id=usable(report.transaction_id)
        )
    if event.source is EventSource.NOTIFICATION:
        return Keys(activecallkey=usable(notification_of(event).activecallkey))
    if event.source is EventSource.ACTIVE_CALL:
        return Keys(activecallkey=usable(payload.get("key")))
    return Keys(
        activecallkey=usable(payload.get("activecallkey")),
        transaction_id=usable(payload.get("transaction_id")),
        browser_call_id=usable(payload.get("browser_call_id")),
    )


def cdr_of(event: Event) -> CdrRecord:
    """The vendor's record that an event of source CDR holds."""
    return event.record or CdrRecord.parse(event.payload.get("record") or {})


def notification_of(event: Event) -> NotificationReport:
    """The notification in an event, read by the parameter names in force when it came."""
    payload = event.payload
    return NotificationReport.parse(payload.get("parameters") or {}, payload.get("names") or {})


def emails_of(event: Event) -> tuple[str, ...]:
    """The addresses at the vendor by which an event names agents."""
    if event.source is EventSource.CDR:
        return (cdr_of(event).agentid,)
    if event.source is EventSource.HANGUP:
        return (HangupReport.parse(event.payload).agent_username,)
    if event.source is EventSource.NOTIFICATION:
        return (notification_of(event).agent_email,)
    return ()


def usable(key: object) -> str | None:
    """A key that can be stored and compared, None for any other value."""
    return key if isinstance(key, str) and 0 < len(key) <= KEY_LENGTH else None
