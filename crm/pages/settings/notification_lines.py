"""The last notifications of a tenant as its page shows them: what came, what it was taken for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from crm import calls
from crm.callcenterstudio import NotificationReport
from crm.extensions import db
from crm.models import Call, CallEvent, EventSource, InboxEntry, Tally, Tenant, inbox_file
from crm.pages.calls.events import Veil
from crm.pages.settings.notification_form import LABELS
from crm.telephony.inbox import tenants_without_records
from crm.telephony.request_fields import CHANGES
from crm.web import current_agent
from crm.web.refused_webhooks import TOO_MANY, UNREADABLE, WRONG_SECRET

SHOWN = 20
LONGEST_VALUE = 200
WORKER_IS_LATE_AFTER = timedelta(seconds=15)


@dataclass(frozen=True)
class Parameter:
    """One parameter. meaning: what it was taken for, "" when nobody knows. odd: no such value."""

    name: str
    value: str
    meaning: str
    odd: bool


@dataclass(frozen=True, kw_only=True)
class NotificationLine:
    """One notification. kind: understood, not_understood, waiting (for the worker) or failed.

    result: how its call went, for `state_mark`; "" while it has none. changes: what of it could not
    be kept as it came, in the door's words.
    """

    id: str
    received_at: datetime
    kind: str
    parameters: list[Parameter]
    number: str
    queue: str
    result: str
    repeats: int
    problem: str
    changes: str


@dataclass(frozen=True, kw_only=True)
class Latest:
    """What the lower half of the page shows. late_since: when the oldest one came that waits for
    the worker longer than it should. wrong_secrets: requests with one, of all tenants.
    refused: those that were too large or could not be read. too_many: those that came while more
    waited than is kept. stuck: what comes waits until calls of before have their records.
    """

    lines: list[NotificationLine]
    late_since: datetime | None
    wrong_secrets: int
    last_wrong_secret_at: datetime | None
    refused: int
    last_refused_at: datetime | None
    too_many: int
    last_too_many_at: datetime | None
    stuck: bool


def latest(tenant: Tenant, *, now: datetime) -> Latest:
    """The newest notifications of a tenant; reads the database."""
    names = tenant.notification_map or {}
    waiting = _waiting(tenant)
    reports = [NotificationReport.parse(entry.payload, names) for entry in waiting]
    masked = _masked_calls(tenant, {report.activecallkey for report in reports})
    lines = [
        _of_entry(entry, report, _veil(masked.get(report.activecallkey)))
        for entry, report in zip(waiting, reports, strict=True)
    ]
    lines += [_of_event(event, call) for event, call in _read(tenant)]
    oldest = _oldest_unread(tenant)
    late = oldest is not None and now - oldest > WORKER_IS_LATE_AFTER
    wrong, refused = db.session.get(Tally, WRONG_SECRET), db.session.get(Tally, UNREADABLE)
    too_many = db.session.get(Tally, TOO_MANY)
    return Latest(
        lines=lines[:SHOWN],
        late_since=oldest if late else None,
        wrong_secrets=wrong.count if wrong else 0,
        last_wrong_secret_at=wrong.last_at if wrong else None,
        refused=refused.count if refused else 0,
        last_refused_at=refused.last_at if refused else None,
        too_many=too_many.count if too_many else 0,
        last_too_many_at=too_many.last_at if too_many else None,
        stuck=late and tenant.id in tenants_without_records(now),
    )


def _waiting(tenant: Tenant) -> list[InboxEntry]:
    """Newest first: what the worker has not even seen, then what it has not read."""
    unseen = inbox_file.unread(tenant.id, EventSource.NOTIFICATION, SHOWN)
    statement = select(InboxEntry).where(_of(tenant)).order_by(InboxEntry.id.desc()).limit(SHOWN)
    return [*unseen, *db.session.scalars(statement)][:SHOWN]


def _oldest_unread(tenant: Tenant) -> datetime | None:
    first = select(InboxEntry.received_at).where(_of(tenant), InboxEntry.attempts == 0)
    known = db.session.scalar(first.order_by(InboxEntry.id).limit(1))
    return known or inbox_file.oldest(tenant.id, EventSource.NOTIFICATION)


def _of(tenant: Tenant) -> Any:
    return (InboxEntry.tenant_id == tenant.id) & (InboxEntry.source == EventSource.NOTIFICATION)


def _read(tenant: Tenant) -> list[tuple[CallEvent, Call | None]]:
    events = (
        select(CallEvent, Call)
        .join(Call, Call.id == CallEvent.call_id, isouter=True)
        .where(CallEvent.tenant_id == tenant.id, CallEvent.source == EventSource.NOTIFICATION)
        .order_by(CallEvent.id.desc())
        .limit(SHOWN)
    )
    return [(event, call) for event, call in db.session.execute(events)]


def _masked_calls(tenant: Tenant, keys: set[str]) -> dict[str | None, Call]:
    """By activecallkey: what is known already of calls whose notifications wait."""
    theirs = (Call.tenant_id == tenant.id, Call.caller_kind == "masked")
    found = db.session.scalars(select(Call).where(*theirs, Call.activecallkey.in_(keys - {""})))
    return {call.activecallkey: call for call in found}


def _veil(call: Call | None) -> Veil | None:
    """Hides what may tell the number of a caller whom the tenant hides."""
    if call is None or call.caller_kind != "masked":
        return None
    return Veil(call, current_agent.get())


def _of_entry(entry: InboxEntry, report: NotificationReport, veil: Veil | None) -> NotificationLine:
    return NotificationLine(
        id=f"entry-{entry.received_at:%Y%m%d%H%M%S%f}",
        received_at=entry.received_at,
        kind="failed" if entry.attempts else "waiting",
        parameters=_parameters(entry.payload, report, veil),
        number=_("Number withheld") if veil else report.number,
        queue=_shown(report.queue, veil),
        result="",
        repeats=0,
        problem=_shown(entry.last_error, veil),
        changes=_changes(entry.payload, veil),
    )


def _of_event(event: CallEvent, call: Call | None) -> NotificationLine:
    parameters = event.payload.get("parameters") or {}
    report = NotificationReport.parse(parameters, event.payload.get("names") or {})
    veil = _veil(call)
    return NotificationLine(
        id=f"event-{event.id}",
        received_at=event.occurred_at,
        kind="understood" if call else "not_understood",
        parameters=_parameters(parameters, report, veil),
        number=_("Number withheld") if veil else report.number,
        queue=_shown(report.queue, veil),
        result=calls.result_of(call) if call else "",
        repeats=event.repeats,
        problem="" if call else _problem(parameters),
        changes=_changes(parameters, veil),
    )


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


def _problem(parameters: Mapping[str, Any]) -> str:
    if not parameters:
        return str(_("It came without any parameter."))
    return str(
        _(
            "None of its parameters is known as the key of the call, or the key is empty. Enter "
            "its name above; then this notification is read again."
        )
    )
