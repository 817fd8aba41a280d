"""What one line of the call log or of a contact's timeline shows; templates/calls draws it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from crm import calls
from crm.models import Call, CallLeg, CallState
from crm.phone_numbers import display
from crm.web import call_notes
from crm.web.agent_names import names
from crm.web.call_notes import NoteLine
from crm.web.current_agent import CurrentAgent

FACTS_COME_WITHIN = timedelta(minutes=2)
LONGEST_CALL = timedelta(hours=4)

SOURCES = {
    "cdr": lazy_gettext("Call Center Studio's record"),
    "hangup": lazy_gettext("Call Center Studio at the end of the call"),
    "active_call": lazy_gettext("Call Center Studio during the call"),
    "notification": lazy_gettext("Call Center Studio's IVR"),
    "browser": lazy_gettext("the softphone"),
    "dial": lazy_gettext("the click that dialled"),
    "agent": lazy_gettext("the agent"),
    "number": lazy_gettext("the number"),
}
FIELDS = {
    "started_at": lazy_gettext("start"),
    "answered_at": lazy_gettext("answer"),
    "ended_at": lazy_gettext("end"),
    "wait_seconds": lazy_gettext("waiting"),
    "talk_seconds": lazy_gettext("talking"),
    "hold_seconds": lazy_gettext("hold"),
    "answered": lazy_gettext("result"),
    "disposition": lazy_gettext("disposition"),
    "hangup_cause": lazy_gettext("hangup cause"),
    "number": lazy_gettext("number"),
    "queue": lazy_gettext("queue"),
    "agent": lazy_gettext("agent"),
    "recording_url": lazy_gettext("recording"),
    "voicemail_text": lazy_gettext("voicemail"),
    "contact": lazy_gettext("contact"),
    "note": lazy_gettext("note"),
    "outcome": lazy_gettext("outcome"),
}


@dataclass(frozen=True, kw_only=True)
class LegLine:
    """A call as one agent had it. result: "answered", "no_answer", or "ended" if nobody says."""

    agent: str
    queue: str
    started_at: datetime
    wait_seconds: int | None
    talk_seconds: int | None
    result: str


@dataclass(frozen=True, kw_only=True)
class CallLine:
    """One call for people. contact_id: only of a contact that can be opened.

    who: the contact's name, or words for a caller who cannot be shown. number: normal form to dial,
    None when it is withheld; can_call_back: it is known all the same, and dialled without being
    shown. waiting: facts are still coming, so the line asks for itself again.
    can_be_written_about: its person has not been erased.
    calls_back_at: when the missed call came that this one calls back.
    recording_url: where the CRM plays it, None for who may not hear it. origins: (source, fields)
    in words.
    """

    id: int
    started_at: datetime
    zone: str
    time_form: str
    direction: str
    contact_id: int | None
    who: str
    number: str | None
    can_call_back: bool
    number_display: str
    queue: str
    agent: str
    wait_seconds: int | None
    talk_seconds: int | None
    hold_seconds: int | None
    result: str
    disposition: str
    problem: str
    outcome: str
    note: str
    notes: tuple[NoteLine, ...]
    recording_url: str | None
    time_uncertain: bool
    waiting: bool
    can_be_written_about: bool
    calls_back_at: datetime | None = None
    origins: list[tuple[str, str]] = field(default_factory=list)
    transferred: bool = False
    voicemail_text: str = ""
    legs: list[LegLine] = field(default_factory=list)


def of_call(call: Call, agent: CurrentAgent, *, now: datetime) -> CallLine:
    """The line of a call as this agent may see it."""
    number = call.shown_number
    contact = call.contact if call.contact and call.contact.deleted_at is None else None
    result = calls.result_of(call)
    return CallLine(
        id=call.id,
        started_at=call.started_at,
        zone=agent.timezone,
        time_form="d MMM HH:mm" if call.started_at.year == now.year else "d MMM y HH:mm",
        direction=call.direction.value if call.direction else "",
        contact_id=contact.id if contact else None,
        who=name_of(call),
        number=number,
        can_call_back=call.is_resolved,
        number_display=display(number, agent.region) if number else "",
        queue=call.queue,
        agent=names().of_call(call),
        wait_seconds=call.wait_seconds,
        talk_seconds=call.talk_seconds,
        hold_seconds=call.hold_seconds,
        result=result,
        disposition=call.disposition,
        problem="" if result == calls.NOT_TAKEN else call.dial_problem,
        outcome=calls.label_of(call.outcome) if call.outcome else "",
        note=call.note,
        notes=call_notes.lines_of(call),
        recording_url=_recording(call, agent),
        time_uncertain=call.time_uncertain,
        waiting=_is_waiting(call, now),
        can_be_written_about=call.erased_at is None,
        calls_back_at=_calls_back_at(call),
        origins=_origins(call.sources),
        transferred=call.transferred,
        voicemail_text=call.voicemail_text,
        legs=[_of_leg(leg) for leg in call.parts],
    )


def _of_leg(leg: CallLeg) -> LegLine:
    results = {True: "answered", False: "no_answer", None: "ended"}
    return LegLine(
        agent=names().of(leg.agent_id, leg.agent_name),
        queue=leg.queue,
        started_at=leg.started_at,
        wait_seconds=leg.wait_seconds,
        talk_seconds=leg.talk_seconds,
        result=results[leg.answered],
    )


def name_of(call: Call) -> str:
    """The contact's name, or words for a caller who cannot be shown; "" for a shown number."""
    if call.contact and call.contact.deleted_at is None:
        return str(call.contact.name)
    return call.contact_name or _nobody(call)


def _nobody(call: Call) -> str:
    if call.erased_at is not None:
        return str(_("Erased"))
    if call.caller_kind == "masked":
        return str(_("Number withheld"))
    if call.caller_kind == "anonymous":
        return str(_("Anonymous caller"))
    return "" if call.shown_number else str(_("Unknown number"))


def _calls_back_at(call: Call) -> datetime | None:
    """When the missed call came that this one calls back; its row may have been joined since."""
    back = calls.find(call.callback_of_id) if call.callback_of_id else None
    return back.started_at if back else None


def _is_waiting(call: Call, now: datetime) -> bool:
    """Up, or just ended without its record: after two minutes a reload shows what came."""
    if call.state is not CallState.ENDED:
        return now - call.started_at < LONGEST_CALL
    if call.complete or call.dial_problem or call.ended_at is None:
        return False
    return now - call.ended_at < FACTS_COME_WITHIN


def _recording(call: Call, agent: CurrentAgent) -> str | None:
    """Where the CRM plays the recording, for those who may hear it. The vendor's own address ends
    in a key and stays here.
    """
    if not call.may_have_recording:
        return None
    may_hear = call.may_be_heard_by(agent.id, is_admin=agent.is_admin)
    return f"/calls/{call.id}/recording" if may_hear else None


def _origins(sources: dict[str, str]) -> list[tuple[str, str]]:
    """Who told what, in words: source by source, the surest first."""
    told = []
    for source, label in SOURCES.items():
        names = [str(FIELDS[name]) for name in FIELDS if sources.get(name) == source]
        if names:
            told.append((str(label), ", ".join(names)))
    return told
