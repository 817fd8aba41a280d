"""Entries of the inspector: a request, an event or a webhook that is not read yet, masked.

`lines` puts them on a call's line of time, `pages` shows one alone, `export` writes them to a file.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from crm import secret_box
from crm.callcenterstudio.webhooks import HangupReport
from crm.calls.effects import Effect
from crm.calls.events import (
    DIAL_FAILED,
    DIAL_NOT_TAKEN,
    Event,
    cdr_of,
    event_of,
    notification_of,
)
from crm.models import CallEvent, EventSource, InboxEntry, LoggedRequest, Tenant
from crm.pages.calls.events import KINDS
from crm.pages.inspector.guide import Place, place_of
from crm.secret_box import SecretLostError
from crm.telephony.masking import KNOWN, form_of, length_of, masked
from crm.web.agent_names import names
from crm.web.vendor_words import in_words

# Of `NotificationReport`: parameters whose text is kept, whatever the customer calls them.
_KEPT_MEANINGS = {"activecallkey", "agent_email", "queue", "duration", "disposition", "call_date"}
LANES = {
    EventSource.BROWSER: "message",
    EventSource.HANGUP: "webhook",
    EventSource.NOTIFICATION: "webhook",
    EventSource.CDR: "record",
    EventSource.ACTIVE_CALL: "record",
    EventSource.DIAL: "crm",
    EventSource.AGENT: "crm",
}
SLOW = 2000  # milliseconds
LATE = 5  # seconds
# Facts of a call: numbers, and texts that are no words about a person.
_NUMBERS = {"number", "normal_form", "line"}
_WORDS = {"queue", "disposition", "hangup_cause", "outcome", "caller_kind", "record_problems"}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry. lane: message, request, webhook, record or crm. name: the vendor's word."""

    id: str  # "event-12", "request-5", "waiting-3"
    number: int
    lane: str
    name: str
    words: str
    at: datetime
    place: Place
    agent: str = ""
    late: int = 0  # seconds between its time, or the end of the call, and its arrival
    milliseconds: int | None = None
    status: int | None = None
    key: str = ""  # what a request was sent with
    problem: str = ""  # why it is a failure, a sentence
    repeats: int = 0
    sent: Any = None  # parameters of a request, fields of an event
    answer: Any = None
    effect: Effect | None = None

    @property
    def is_slow(self) -> bool:
        """Whether the vendor took so long that an agent notices."""
        return (self.milliseconds or 0) > SLOW

    @property
    def is_late(self) -> bool:
        """Whether it came so late that people wonder."""
        return self.late > LATE

    @property
    def has_no_record(self) -> bool:
        """Whether the vendor was asked for the record of one call, and had none."""
        is_empty = isinstance(self.answer, dict) and self.answer.get("CallList") == []
        return is_empty and "startdate" not in (self.sent or {})

    @property
    def kind(self) -> str:
        """What its own page is called by: event, request or waiting."""
        return self.id.partition("-")[0]


def of_request(row: LoggedRequest) -> Entry:
    """A request to the vendor; it was masked when it was written."""
    return Entry(
        id=f"request-{row.id}",
        number=row.id,
        lane="request",
        name=row.function,
        words=row.function,
        at=row.at,
        place=place_of(row.function, by_dates="startdate" in row.params),
        agent=names().of(row.agent_id),
        milliseconds=row.milliseconds,
        status=row.status,
        key=row.key,
        problem=in_words(row.reason or row.problem),
        sent=row.params,
        answer=row.answer,
    )


def of_event(row: CallEvent, secrets: tuple[str, ...], effect: Effect | None = None) -> Entry:
    """An event of a call, or one without a call."""
    event = event_of(row)
    at = row.received_at if row.source is EventSource.CDR else row.occurred_at
    return Entry(
        id=f"event-{row.id}",
        number=row.id,
        lane=LANES[row.source],
        name=row.kind,
        words=str(KINDS.get(row.kind, row.kind)),
        at=at,
        place=place_of(row.kind),
        agent=names().of(row.agent_id),
        late=max(0, round((row.received_at - at).total_seconds())),
        problem=_problem_of(event, is_nobodys=row.call_id is None),
        repeats=row.repeats,
        sent=masked_payload(event, secrets),
        effect=effect,
    )


def of_waiting(row: InboxEntry, names_in_force: dict[str, str], secrets: tuple[str, ...]) -> Entry:
    """A webhook that the worker could not read yet."""
    event = event_in(row, names_in_force)
    return Entry(
        id=f"waiting-{row.id}",
        number=row.id,
        lane="webhook",
        name=event.kind,
        words=str(KINDS[event.kind]),
        at=row.received_at,
        place=place_of(event.kind),
        problem=str(masked(row.last_error, secrets=secrets, name="message")),
        sent=masked_payload(event, secrets),
    )


def event_in(row: InboxEntry, names_in_force: dict[str, str]) -> Event:
    """The event that a webhook in the inbox becomes."""
    if row.source is EventSource.HANGUP:
        kind, payload = "hangup", dict(row.payload)
    else:
        kind = "notification"
        payload = {"parameters": dict(row.payload), "names": names_in_force}
    return Event(source=row.source, kind=kind, occurred_at=row.received_at, payload=payload)


def masked_payload(event: Event, secrets: tuple[str, ...]) -> Any:
    """What an event holds, as it may be shown."""
    if event.source is not EventSource.NOTIFICATION:
        return masked(event.payload, secrets=secrets)
    understood = notification_of(event).understood
    kept = {name for name, meaning in understood.items() if meaning in _KEPT_MEANINGS}
    parameters = event.payload.get("parameters") or {}
    return {
        "parameters": masked(parameters, secrets=secrets, known=KNOWN | kept),
        "names": event.payload.get("names") or {},
    }


def secrets_of(tenant: Tenant) -> tuple[str, ...]:
    """The tenant's keys, which are hidden wherever they stand."""
    found = [tenant.hook_secret]
    try:
        keys = current_app.extensions["settings"].secret_keys
        found.append(secret_box.unseal(tenant.app_token_sealed or "", keys=keys))
    except SecretLostError:
        pass
    return tuple(secret for secret in found if secret)


def shown(name: str, value: Any) -> str:
    """A fact of a call in a line: no number, no words about a person."""
    text = str(value)
    if value is None or value in ("", ()):
        text = "-"
    elif name in _NUMBERS:
        text = form_of(value)
    elif isinstance(value, Enum):
        text = str(value.value)
    elif isinstance(value, datetime):
        text = f"{value:%Y-%m-%d %H:%M:%S}Z"
    elif name == "agent":
        text = names().of(value) if isinstance(value, int) else value
    elif name == "notes":
        text = ", ".join(length_of(note.text) for note in value)
    elif isinstance(value, str):
        text = str(masked(value, name="message" if name in _WORDS else name))
    return text


def _problem_of(event: Event, *, is_nobodys: bool) -> str:
    if event.kind == DIAL_FAILED:
        return in_words(str(event.payload.get("reason") or ""))
    if event.kind == DIAL_NOT_TAKEN:
        return str(
            _("No Dial message came within ten seconds: the softphone did not take the dial.")
        )
    if is_nobodys:
        return str(_("It names no call: its key is missing, empty or too long."))
    problems: tuple[str, ...] = ()
    if event.source is EventSource.HANGUP:
        problems = HangupReport.parse(event.payload).problems
    elif event.source is EventSource.NOTIFICATION:
        problems = notification_of(event).problems
    elif event.source is EventSource.CDR:
        problems = cdr_of(event).problems
    return _("Cannot be read: %(fields)s", fields=", ".join(problems)) if problems else ""
