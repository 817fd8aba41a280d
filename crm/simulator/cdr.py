"""The record of an ended call, with the keys and the odd nulls of a real answer.

The switchboard makes one when a call ends; `cdr_search` finds them for reportsCDRLogs.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm.simulator.calls import Call
from crm.simulator.seed import Tenant

Place = tuple[datetime, str]


@dataclass(frozen=True)
class Record:
    """A CDR, what it is found by, and what the wire leaves out. `data` is the record as sent.

    Times are UTC. answered, ended: when it was, also where the record has null. available: when
    it can be read.
    """

    tenant: Tenant
    activecallkey: str = field(repr=False)
    calldate: datetime
    available: datetime
    data: dict[str, Any]
    answered: datetime | None = None
    ended: datetime | None = None

    @property
    def place(self) -> Place:
        """Where it stands in the vendor's list, oldest first."""
        return self.calldate, str(self.data["callkey"])


def record_of(call: Call, *, available: datetime, recordings_at: str | None) -> Record:
    """The record of an ended call, readable from `available` on.

    recordings_at: origin in recording addresses; None means the tenant's host, as seen.
    """
    data = _base(call) | _times(call) | _result(call)
    data["recordingurl"] = recording_address(call, recordings_at)
    return Record(
        tenant=call.tenant,
        activecallkey=call.activecallkey,
        calldate=call.started.astimezone(UTC),
        available=available,
        data=data,
        answered=call.talked and call.talked.astimezone(UTC),
        ended=call.ended and call.ended.astimezone(UTC),
    )


def recording_address(call: Call, recordings_at: str | None) -> str | None:
    """Only a call that somebody answered has a recording; its address ends in the activecallkey
    (inferred from public clients). Empty for a missed inbound call, null for a dial that was not
    reached: a guess, as that the leg of a call that was handed on names the call's.
    """
    if call.talked is None and not call.talked_earlier:
        return "" if call.inbound else None
    return f"{recordings_at or 'https://' + call.tenant.host}/recordings/{call.activecallkey}"


def local(moment: datetime | None, tenant: Tenant) -> str | None:
    """`YYYY-MM-DD HH:MM:SS` in the tenant's zone without offset (vendor's wiki), or None."""
    if moment is None:
        return None
    return f"{moment.astimezone(ZoneInfo(tenant.timezone)):%Y-%m-%d %H:%M:%S}"


def talk_seconds(call: Call) -> int | None:
    """Whole seconds from answer to end, None when nobody answered or the call is up."""
    if call.talked is None or call.ended is None:
        return None
    return _whole(call.ended - call.talked)


def _base(call: Call) -> dict[str, Any]:
    return {
        "callkey": call.callkey,
        "callid": call.callid,
        "uniqueid": call.uniqueid,
        "inbound": call.inbound,
        "callerid": call.caller,
        "called_num": call.called,
        "transferred": call.transferred,
        "voicemailtotext": "",
        "agent": call.agent.name if call.assigned else "",
        "agentid": call.agent.email if call.assigned else "",
        "queue": call.queue,
        "queuekey": call.queuekey,
        "initialqueue": call.queue if call.inbound else "",
        "campaign_name": "",
        "campaignqueuekey": None,
        "click2call": call.click2call,
        "attendant_overflow": False,
        "flag_csat": False,
        "csat_answers": None,
        "sourcetenant": call.tenant.host,
        "channel": f"SIP/{'trunk' if call.inbound else 428384}-{call.id:08x}",
    }


def _times(call: Call) -> dict[str, Any]:
    """A real answer for an answered outbound call had all dates but `calldate` null; the rest of
    the pattern is a guess.
    """
    bare = not call.inbound and call.talked is not None
    return {
        "calldate": local(call.started, call.tenant),
        "queuedate": local(call.started, call.tenant) if call.inbound and call.queue else None,
        "talkdate": None if bare else local(call.talked, call.tenant),
        "hangupdate": None if bare else local(call.ended, call.tenant),
        "waitduration": _whole((call.talked or call.ended or call.started) - call.started),
        "duration": talk_seconds(call),
        "hold": 1 if call.held_seconds else None,
        "holdduration": round(call.held_seconds) if call.held_seconds else None,
    }


def _result(call: Call) -> dict[str, Any]:
    """`answered` has three values: null is an outbound call that was not reached."""
    answered = call.talked is not None
    return {
        "answered": answered if answered or call.inbound else None,
        "queued": bool(call.queue),
        "assigned": call.assigned,
        "abandon": call.inbound and not answered,
        "status": "hangup",
        "disposition": call.disposition,
        "hangupcause": call.cause,
    }


def _whole(span: timedelta) -> int:
    return max(0, int(span.total_seconds()))
