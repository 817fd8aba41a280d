"""An event of a call as decisions read it, and the keys by which it finds its call.

Pure: no database, no clock. `record` and `wrap_up` make events, `rows` finds their call by the
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

# Kinds of events that are not named by the vendor. A browser event's kind is its messageType.
DIAL = "dial"
DIAL_FAILED = "failed"
DIAL_NOT_TAKEN = "not_taken"
ACTIVE_CALL = "active_call"
GONE = "gone"  # the vendor's list of active calls does not have it any more
HANGUP_POST = "hangup"
NOTIFICATION = "notification"
CDR = "cdr"
HOLD = "hold"
UNHOLD = "unhold"
DONE = "done"
NOTE = "note"
OUTCOME = "outcome"
CONTACT = "contact"
MISSED_DONE = "missed_done"  # somebody has worked this missed call off
MISSED_UNDONE = "missed_undone"  # and has taken that back

LEVELS = 10  # kept of what the vendor answered, lists and objects within each other; seen: two
VENDOR_KEYS = ("activecallkey", "callkey", "transaction_id")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that was told about a call."""

    source: EventSource
    kind: str  # a messageType of the softphone's, or one of the kinds above
    occurred_at: datetime
    payload: Mapping[str, Any] = field(repr=False)  # as it came
    agent_id: int | None = None
    digest: str = ""  # names what was told: the same thing told twice is one event
    # The payload of a CDR, where it has been parsed already.
    record: CdrRecord | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What an event or a row is known by. Only these join rows; numbers and times never do."""

    activecallkey: str | None = None
    callkey: str | None = None
    transaction_id: str | None = None
    browser_call_id: str | None = None

    def __bool__(self) -> bool:
        return bool(self.vendor_keys or self.browser_call_id)

    @property
    def vendor_keys(self) -> tuple[tuple[str, str], ...]:
        """Those of the vendor's that are known, each with the name of its column."""
        pairs = [(name, getattr(self, name)) for name in VENDOR_KEYS]
        return tuple((name, value) for name, value in pairs if value)


def event_of(row: CallEvent) -> Event:
    """An event on record."""
    return Event(
        source=row.source,
        kind=row.kind,
        occurred_at=row.occurred_at,
        payload=row.payload,
        agent_id=row.agent_id,
        digest=row.digest,
    )


def columns_of_event(event: Event, tenant_id: int, call_id: int | None) -> dict[str, Any]:
    """How an event is kept. call_id: None for one that names no call."""
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
    """A name for what was told: equal for equal parts, whatever the order of their fields."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def keys_of(event: Event) -> Keys:
    """Those that the event carries."""
    payload = event.payload
    if event.source is EventSource.CDR:
        record, asked_for = cdr_of(event), payload.get("asked_for") or {}
        # The record itself may lack its activecallkey; then the question that it answers has it.
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
    """What an event of source NOTIFICATION holds, read by the names that were in force then."""
    payload = event.payload
    return NotificationReport.parse(payload.get("parameters") or {}, payload.get("names") or {})


def emails_of(event: Event) -> tuple[str, ...]:
    """The addresses at the vendor that an event names agents by."""
    if event.source is EventSource.CDR:
        return (cdr_of(event).agentid,)
    if event.source is EventSource.HANGUP:
        return (HangupReport.parse(event.payload).agent_username,)
    if event.source is EventSource.NOTIFICATION:
        return (notification_of(event).agent_email,)
    return ()


def usable(key: object) -> str | None:
    """A key as it can be stored and compared, None for anything else."""
    return key if isinstance(key, str) and 0 < len(key) <= KEY_LENGTH else None
