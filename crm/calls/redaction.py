"""Redaction: removes the person from an event and leaves keys, times and figures.

Pure. `crm.calls.erase` uses it for stored events, `crm.calls.rows` for later reports of an erased
call. Only the fields named here stay, so a field that the vendor adds one day is removed too.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm.calls import events as kinds
from crm.calls.events import Event, cdr_of, notification_of
from crm.models import EventSource

Payload = Mapping[str, Any]

# Fields of the vendor's record (seen in a real answer) about the call and not the person.
OF_RECORD = (
    *("callkey", "callid", "uniqueid", "calldate", "queuedate", "talkdate", "hangupdate"),
    *("inbound", "answered", "queued", "assigned", "abandon", "status", "disposition"),
    *("hangupcause", "waitduration", "duration", "hold", "holdduration", "transferred"),
    *("agent", "agentid", "queue", "queuekey", "initialqueue", "campaignqueuekey"),
    *("click2call", "attendant_overflow", "flag_csat", "sl", "shortcall", "localrelease"),
    "sourcetenant",
)
OF_ACTIVE_CALL = ("key", "callid", "queue", "inbound", "status", "calldate", "talkdate")
# `caller_id` of the post is our line, because the post comes for calls that were dialled here.
OF_HANGUP = (
    *("call_id", "caller_id", "call_date", "transaction_id", "agent_username", "duration"),
    *("disposition", "tenant"),
)
_OF_NOTIFICATION = (
    *("activecallkey", "called", "agent_email", "queue", "duration", "disposition", "call_date"),
)
OF_PAGE = ("browser_call_id", "activecallkey", "transaction_id", "masked", "callback_of")
OF_AGENT = ("outcome", "revision")
_ANSWERS = ("activecallkey", "transaction_id")


def redacted(event: Event) -> Event:
    """The event without the person. Its digest stays, so that a repeated report is recognised."""
    told = event.payload
    left: dict[str, Any] = {}
    match event.source:
        case EventSource.CDR:
            record = told.get("record") or {}
            left = _only(told, ("started_at",))
            left["record"] = _only(record, OF_RECORD) | _our_side(record, cdr_of(event).inbound)
            left["asked_for"] = _only(told.get("asked_for") or {}, _ANSWERS)
        case EventSource.ACTIVE_CALL if event.kind != kinds.GONE:
            inbound = told.get("inbound")
            known = inbound if isinstance(inbound, bool) else None
            left = _only(told, OF_ACTIVE_CALL) | _our_side(told, known)
        case EventSource.HANGUP:
            left = _only(told, OF_HANGUP) | {"called_num": ""}
        case EventSource.NOTIFICATION:
            parameters = told.get("parameters") or {}
            meanings = notification_of(event).understood
            names = [name for name in parameters if meanings.get(name) in _OF_NOTIFICATION]
            left = {"parameters": _only(parameters, names), "names": told.get("names") or {}}
        case EventSource.BROWSER | EventSource.DIAL:
            # A dial's refusal is free text.
            reason = {"reason": "-"} if event.kind == kinds.DIAL_FAILED else {}
            left = _only(told, OF_PAGE) | {"number": ""} | reason
        case EventSource.AGENT:
            note = {"note": ""} if event.kind == kinds.NOTE else {}
            contact = {"contact_id": None} if event.kind == kinds.CONTACT else {}
            left = _only(told, OF_AGENT) | note | contact
    return replace(event, payload=left, record=None)


def _our_side(told: Payload, inbound: bool | None) -> dict[str, Any]:
    """The field with our own line; none if it is not known which side is ours."""
    ours = {True: "called_num", False: "callerid"}.get(inbound) if inbound is not None else None
    empty = {"callerid": "", "called_num": ""}
    return empty | (_only(told, (ours,)) if ours else {})


def _only(told: Payload, names: Any) -> dict[str, Any]:
    """The named fields that hold a plain value; a list or an object may hold anything."""
    found = {name: told[name] for name in names if name in told}
    return {name: it for name, it in found.items() if isinstance(it, str | int | float | None)}
