"""Calls of the last weeks, recorded in the demo as the vendor reports them: as CDRs.

They have the shape of a real CDR (seen in a public client); their keys and people are invented.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm import agents, calls
from crm.callcenterstudio.results import CdrRecord
from crm.calls import follow_ups
from crm.calls.follow_ups import Due
from crm.models import Tenant


@dataclass(frozen=True)
class PastCall:
    """One call."""

    days: int  # before the first start
    time: str
    number: str
    agent: str
    inbound: bool
    waited: int  # seconds
    talked: int | None  # seconds; None when nobody answered
    queue: str = ""
    disposition: str = "ANSWER"
    outcome: str = ""
    note: str = ""
    due: int | None = None  # its follow-up: days from today


AYSE, MEHMET, JONAS = "ayse@demo.example", "mehmet@demo.example", "jonas@second.example"
NOBODY = ""  # the caller gave up in the queue
ELIF, SELIN = "05320000001", "05330000012"

CALLS = {
    "demo": (
        PastCall(1, "16:42:10", ELIF, AYSE, True, 8, 204, "Support", outcome="follow_up", due=0,
                 note="Invoice of October was wrong; sent it to billing, call her back."),
        PastCall(3, "11:05:31", ELIF, AYSE, False, 14, 96, outcome="resolved",
                 note="Told her the new delivery date."),
        PastCall(9, "09:58:02", ELIF, MEHMET, True, 41, None, "Support", "NOANSWER"),
        PastCall(2, "14:20:45", SELIN, MEHMET, True, 12, 330, "Sales", outcome="sale",
                 note="Ordered two more licences."),
        PastCall(6, "10:12:00", SELIN, AYSE, True, 22, 121, "Billing", outcome="resolved"),
        PastCall(1, "10:31:19", "05050001037", MEHMET, False, 25, None, disposition="NOANSWER"),
        PastCall(4, "13:40:52", "05050001037", MEHMET, False, 11, 188, outcome="resolved"),
        PastCall(2, "09:15:27", "05410001074", AYSE, True, 73, None, "Support", "NOANSWER"),
        PastCall(5, "15:55:08", "05330001111", AYSE, False, 6, None, disposition="BUSY"),
        PastCall(7, "12:01:33", "05510001148", MEHMET, True, 5, 512, "Support",
                 outcome="follow_up", due=-1, note="Wants to speak to a technician next week."),
        PastCall(8, "17:22:14", "+447700900100", AYSE, True, 19, 260, "Sales", outcome="sale",
                 note="Ask how the first week went.", due=3),
        PastCall(11, "11:48:40", "+12025550110", MEHMET, False, 17, 75, outcome="voicemail",
                 note="Left a message about the trial."),
        PastCall(12, "16:09:55", "+33639981107", AYSE, True, 30, 143, "Support",
                 outcome="resolved"),
        # They wait to be called back.
        PastCall(1, "17:04:12", "05420001185", MEHMET, True, 64, None, "Support", "NOANSWER"),
        PastCall(1, "17:09:40", "05420001185", NOBODY, True, 100, None, "Sales", "NOANSWER"),
        PastCall(1, "17:21:05", "05420001185", NOBODY, True, 31, None, "Support", "NOANSWER"),
        PastCall(1, "17:30:22", "05420001185", MEHMET, False, 22, None, disposition="BUSY"),
        PastCall(1, "11:48:09", "+442079460977", NOBODY, True, 18, None, "Sales", "NOANSWER"),
        PastCall(2, "16:40:55", "anonymous", NOBODY, True, 47, None, "Support", "NOANSWER"),
    ),
    "second": (
        PastCall(1, "16:02:10", "+493023125134", NOBODY, True, 55, None, "Service", "NOANSWER"),
        PastCall(1, "10:44:36", "+493023125101", JONAS, True, 9, 184, "Service",
                 outcome="resolved", note="Explained the return label."),
        PastCall(3, "15:13:02", "+493023125112", JONAS, False, 13, None, disposition="NOANSWER"),
        PastCall(6, "09:27:48", "+493023125123", JONAS, True, 27, 402, "Orders", outcome="sale"),
    ),
}  # fmt: skip


def record(tenant: Tenant, *, now: datetime) -> None:
    """Record the tenant's past calls, and the notes and outcomes of its agents; does not commit."""
    today = now.astimezone(ZoneInfo(tenant.timezone)).date()
    for i, past in enumerate(CALLS.get(tenant.name, ())):
        day = today - timedelta(days=past.days)
        begun = datetime.fromisoformat(f"{day} {past.time}")  # local to the tenant, no offset
        cdr = CdrRecord.parse(_raw(tenant, past, begun, f"{tenant.name}-{i}"))
        call = calls.record_cdr(tenant, cdr)
        agent = agents.by_email(past.agent)
        if call is not None and agent is not None and (past.note or past.outcome):
            calls.record_wrap_up(
                call,
                agent.id,
                note=past.note or None,
                outcome=past.outcome or None,
                at=call.ended_at or call.started_at,
            )
        if call is not None and agent is not None and past.due is not None:
            due = Due(today + timedelta(days=past.due))
            follow_ups.set_for_call(call, agent.id, due, now=call.started_at)


def _raw(tenant: Tenant, past: PastCall, begun: datetime, name: str) -> dict[str, object]:
    answered = past.talked is not None
    talk = begun + timedelta(seconds=past.waited)
    line = "908500000010" if tenant.region == "TR" else "493023125000"
    return {
        # In the form of the vendor's, the same at every first start.
        "callkey": f"demo{hashlib.sha256(f'call {name}'.encode()).hexdigest()}",
        "callid": f"demo-{name}",
        "uniqueid": "",
        "calldate": str(begun),
        "queuedate": str(begun) if past.queue else None,
        "talkdate": str(talk) if answered else None,
        "hangupdate": str(talk + timedelta(seconds=past.talked or 0)),
        "inbound": past.inbound,
        "callerid": past.number if past.inbound else line,
        "called_num": line if past.inbound else past.number,
        # The record has three values: null is an outbound call that was not reached.
        "answered": True if answered else (False if past.inbound else None),
        "abandon": past.inbound and not answered and past.agent == NOBODY,
        "status": "hangup",
        "disposition": past.disposition,
        "hangupcause": "16",
        "waitduration": past.waited,
        "duration": past.talked,
        "holdduration": None,
        "agentid": past.agent,
        "queue": past.queue,
        "recordingurl": None,
    }
