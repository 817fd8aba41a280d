"""The last notifications of a tenant as its page shows them: what came, and how it was understood.

`crm.pages.settings.notifications` calls `latest`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy import select

from crm import calls
from crm.callcenterstudio import NotificationReport
from crm.extensions import db
from crm.models import Call, CallEvent, EventSource, InboxEntry, Tally, Tenant, inbox_file
from crm.pages.calls.events import Veil
from crm.telephony.inbox_bounds import tenants_without_records
from crm.telephony.request_fields import CHANGES
from crm.web import current_agent
from crm.web.refused_webhooks import TOO_MANY, UNREADABLE, WRONG_SECRET

SHOWN = 20
LONGEST_VALUE = 200
WORKER_IS_LATE_AFTER = timedelta(seconds=15)

# What each parameter means, in words; the form of their names uses them too.
LABELS: Mapping[str, LazyString] = {
    "activecallkey": lazy_gettext("Key of the call"),
    "number": lazy_gettext("Caller's number"),
    "called": lazy_gettext("Number that was called"),
    "agent_email": lazy_gettext("Agent's e-mail"),
    "queue": lazy_gettext("Queue"),
    "duration": lazy_gettext("Duration in seconds"),
    "disposition": lazy_gettext("Disposition"),
    "call_date": lazy_gettext("Start of the call"),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notification."""

    name: str
    value: str
    meaning: str  # "" when its name is not known
    odd: bool  # its value makes no sense for that meaning


@dataclass(frozen=True, kw_only=True)
class NotificationLine:
    """One notification."""

    id: str
    received_at: datetime
    kind: str  # understood, not_understood, waiting (for the worker) or failed
    parameters: list[Parameter]
    number: str
    queue: str
    result: str = ""  # how its call went, for `state_mark`; "" while there is none
    repeats: int = 0
    problem: str = ""
    changes: str  # what could not be stored as it came


@dataclass(frozen=True, kw_only=True)
class Latest:
    """What the lower half of the page shows."""

    lines: list[NotificationLine]
    late_since: datetime | None  # when the oldest came that has waited too long for the worker
    stuck: bool  # new ones wait until earlier calls have their records
    # Counts of refused requests, of all tenants; None before the first.
    wrong_secrets: Tally | None
    unreadable: Tally | None
    too_many: Tally | None


def latest(tenant: Tenant, *, now: datetime) -> Latest:
    """The newest notifications of a tenant; reads the database."""
    lines = [*_waiting_lines(tenant), *_read_lines(tenant)]
    first = select(InboxEntry.received_at).where(_of(tenant), InboxEntry.attempts == 0)
    oldest = db.session.scalar(first.order_by(InboxEntry.id).limit(1)) or inbox_file.oldest(
        tenant.id, EventSource.NOTIFICATION
    )
    late = oldest is not None and now - oldest > WORKER_IS_LATE_AFTER
    return Latest(
        lines=lines[:SHOWN],
        late_since=oldest if late else None,
        stuck=late and tenant.id in tenants_without_records(now),
        wrong_secrets=db.session.get(Tally, WRONG_SECRET),
        unreadable=db.session.get(Tally, UNREADABLE),
        too_many=db.session.get(Tally, TOO_MANY),
    )


def _waiting_lines(tenant: Tenant) -> list[NotificationLine]:
    """Newest first: those the worker has not seen yet, then those it has not folded."""
    unseen = inbox_file.unread(tenant.id, EventSource.NOTIFICATION, SHOWN)
    newest = select(InboxEntry).where(_of(tenant)).order_by(InboxEntry.id.desc()).limit(SHOWN)
    entries = [*unseen, *db.session.scalars(newest)][:SHOWN]
    names = tenant.notification_map or {}
    reports = [NotificationReport.parse(entry.payload, names) for entry in entries]
    # Some of these calls may be known already as those of hidden callers.
    masked = select(Call).where(
        Call.tenant_id == tenant.id,
        Call.caller_kind == "masked",
        Call.activecallkey.in_({report.activecallkey for report in reports} - {""}),
    )
    known = {call.activecallkey: call for call in db.session.scalars(masked)}
    lines = []
    for entry, report in zip(entries, reports, strict=True):
        veil = _veil(known.get(report.activecallkey))
        lines.append(
            NotificationLine(
                id=f"entry-{entry.received_at:%Y%m%d%H%M%S%f}",
                received_at=entry.received_at,
                kind="failed" if entry.attempts else "waiting",
                parameters=_parameters(entry.payload, report, veil),
                number=_("Number withheld") if veil else report.number,
                queue=_shown(report.queue, veil),
                problem=_shown(entry.last_error, veil),
                changes=_changes(entry.payload, veil),
            )
        )
    return lines


def _read_lines(tenant: Tenant) -> list[NotificationLine]:
    """Newest first: those that the worker has folded into calls, or could not understand."""
    events = (
        select(CallEvent, Call)
        .join(Call, Call.id == CallEvent.call_id, isouter=True)
        .where(CallEvent.tenant_id == tenant.id, CallEvent.source == EventSource.NOTIFICATION)
        .order_by(CallEvent.id.desc())
        .limit(SHOWN)
    )
    lines = []
    for event, call in db.session.execute(events):
        parameters = event.payload.get("parameters") or {}
        report = NotificationReport.parse(parameters, event.payload.get("names") or {})
        veil = _veil(call)
        problem = ""
        if call is None and not parameters:
            problem = _("It came without any parameter.")
        elif call is None:
            problem = _(
                "None of its parameters is known as the key of the call, or the key is empty. "
                "Enter its name above; then this notification is read again."
            )
        lines.append(
            NotificationLine(
                id=f"event-{event.id}",
                received_at=event.occurred_at,
                kind="understood" if call else "not_understood",
                parameters=_parameters(parameters, report, veil),
                number=_("Number withheld") if veil else report.number,
                queue=_shown(report.queue, veil),
                result=calls.result_of(call) if call else "",
                repeats=event.repeats,
                problem=problem,
                changes=_changes(parameters, veil),
            )
        )
    return lines


def _of(tenant: Tenant) -> Any:
    return (InboxEntry.tenant_id == tenant.id) & (InboxEntry.source == EventSource.NOTIFICATION)


def _veil(call: Call | None) -> Veil | None:
    """Hides everything that may reveal the number of a caller whom the tenant hides."""
    if call is None or call.caller_kind != "masked":
        return None
    return Veil(call, current_agent.get())


def _parameters(
    parameters: Mapping[str, Any], report: NotificationReport, veil: Veil | None
) -> list[Parameter]:
    found = []
    for name, value in parameters.items():
        if name == CHANGES:
            continue
        meaning = report.understood.get(name, "")
        may_be_number = meaning in ("", "number")
        shown = "…" if veil and may_be_number else _shown(str(value), veil)[:LONGEST_VALUE]
        label = str(LABELS[meaning]) if meaning else ""
        odd = meaning in report.problems
        found.append(Parameter(_shown(str(name), veil), shown, label, odd))
    return found


def _changes(parameters: Mapping[str, Any], veil: Veil | None) -> str:
    told = parameters.get(CHANGES)
    return _shown("; ".join(map(str, told)), veil) if isinstance(told, list) else ""


def _shown(text: str, veil: Veil | None) -> str:
    return str(veil.over(text)) if veil else text
