"""Lines of calls and of waiting callers, as the reader may see them; templates/calls and
templates/missed draw them. Templates read facts that everybody may see from `line.call`.
"""

from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from crm import calls
from crm.calls import missed
from crm.calls.missed import WaitingCaller
from crm.models import Call, CallState
from crm.models.paging import Cursor
from crm.phone_numbers import display
from crm.web import call_notes
from crm.web.agent_names import names
from crm.web.call_notes import NoteLine
from crm.web.call_words import RESULTS
from crm.web.current_agent import CurrentAgent
from crm.web.outcome_names import outcome_names
from crm.web.template_filters import local_time

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


class CallLine:
    """One call as this agent may see it."""

    def __init__(self, call: Call, agent: CurrentAgent, *, now: datetime) -> None:
        self.call = call
        self.zone = agent.timezone
        self._agent = agent
        self._now = now

    @property
    def cursor(self) -> Cursor:
        """Its place in a list."""
        return self.call.cursor

    @property
    def time_form(self) -> str:
        """How lists write its start: with the year only if it is another one."""
        is_this_year = self.call.started_at.year == self._now.year
        return "d MMM HH:mm" if is_this_year else "d MMM y HH:mm"

    @property
    def contact_id(self) -> int | None:
        """The id of a contact that can be opened."""
        contact = self.call.contact
        return contact.id if contact and contact.deleted_at is None else None

    @cached_property
    def who(self) -> str:
        """The contact's name, or words for a caller who cannot be shown; "" for a shown number."""
        return name_of(self.call)

    @property
    def number_display(self) -> str:
        """The number as people write it; "" when it is withheld."""
        return display(self.call.shown_number or "", self._agent.region)

    @property
    def agent(self) -> str:
        """Who had the call."""
        return names().of_call(self.call)

    @cached_property
    def result(self) -> str:
        """Its result, one of `call_words.RESULTS`."""
        return calls.result_of(self.call)

    @property
    def problem(self) -> str:
        """Why the vendor refused to dial."""
        return "" if self.result == calls.NOT_TAKEN else self.call.dial_problem

    @property
    def outcome(self) -> str:
        """The outcome that the agent chose, in words."""
        return outcome_names().of(self.call.tenant_id, self.call.outcome)

    @cached_property
    def notes(self) -> tuple[NoteLine, ...]:
        """The notes in force, oldest first."""
        return call_notes.lines_of(self.call)

    @property
    def recording_url(self) -> str | None:
        """The CRM's address of the recording, for those who may hear it. The vendor's own address
        ends in a key and stays on the row.
        """
        may_hear = self.call.may_be_heard_by(self._agent.id, is_admin=self._agent.is_admin)
        is_there = self.call.may_have_recording and may_hear
        return url_for("recordings.play", call_id=self.call.id) if is_there else None

    @property
    def waiting(self) -> bool:
        """Whether facts are still coming, so that the line reloads itself: the call is up, or ended
        without its record. It stops after two minutes.
        """
        call = self.call
        if call.state is not CallState.ENDED:
            return self._now - call.started_at < LONGEST_CALL
        if call.complete or call.dial_problem or call.ended_at is None:
            return False
        return self._now - call.ended_at < FACTS_COME_WITHIN

    @cached_property
    def calls_back_at(self) -> datetime | None:
        """The time of the missed call that this one calls back."""
        back = calls.find(self.call.callback_of_id) if self.call.callback_of_id else None
        return back.started_at if back else None

    @property
    def origins(self) -> list[tuple[str, str]]:
        """The fields from each source, in words, the surest source first."""
        told = []
        for source, label in SOURCES.items():
            fields = [str(FIELDS[name]) for name in FIELDS if self.call.sources.get(name) == source]
            if fields:
                told.append((str(label), ", ".join(fields)))
        return told


class MissedLine(CallLine):
    """A waiting caller: the line of the newest call, which also represents the earlier ones."""

    def __init__(self, caller: WaitingCaller, agent: CurrentAgent, *, now: datetime) -> None:
        super().__init__(caller.newest, agent, now=now)
        self.caller = caller

    @cached_property
    def who(self) -> str:
        """The contact, the number, or words for a caller who cannot be shown."""
        return who(self.call, self._agent)

    @property
    def can_call_back(self) -> bool:
        """The number is known, shown or not, and this agent calls for the called tenant."""
        return bool(self.call.normal_form) and self.call.tenant_id == self._agent.tenant_id

    @property
    def called_back(self) -> str:
        """ "Called back 10:31, no answer", or who is calling back; "" when nobody has."""
        back = self.caller.called_back
        if back is None:
            return ""
        if missed.is_up(back, now=self._now):
            return who_calls_back(back, self._agent)
        zone = ZoneInfo(self.zone)
        today = back.started_at.astimezone(zone).date() == self._now.astimezone(zone).date()
        time = local_time(back.started_at, self.zone, "HH:mm" if today else "d MMM HH:mm")
        code = calls.result_of(back)
        return str(_("Called back %(time)s, %(result)s", time=time, result=RESULTS.get(code, code)))


def name_of(call: Call) -> str:
    """The contact's name, or words for a caller who cannot be shown; "" for a shown number."""
    if call.contact and call.contact.deleted_at is None:
        return str(call.contact.name)
    if call.contact_name:
        return call.contact_name
    if call.erased_at is not None:
        return str(_("Erased"))
    if call.caller_kind == "masked":
        return str(_("Number withheld"))
    if call.caller_kind == "anonymous":
        return str(_("Anonymous caller"))
    return "" if call.shown_number else str(_("Unknown number"))


def who(call: Call, agent: CurrentAgent) -> str:
    """The caller of a call: the contact, the number, or words for one who cannot be shown."""
    return name_of(call) or display(call.shown_number or "", agent.region)


def who_calls_back(call: Call, agent: CurrentAgent) -> str:
    """In words: who is being connected to the caller at this moment."""
    if call.agent_id == agent.id:
        return str(_("You are calling back."))
    name = names().of_call(call) or _("Somebody")
    return str(_("%(name)s is calling back.", name=name))
