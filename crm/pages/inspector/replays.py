"""Replays an event on a copy of its call: what it would do if it came again, or with other values.

Folds copies in memory. Nothing is written, no lock is taken and nobody is told.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import or_, select

from crm.calls.effects import Effect
from crm.calls.events import Event, Keys, digest_of, event_of, keys_of
from crm.extensions import db
from crm.models import Call, CallEvent, EventSource, InboxEntry, Tenant
from crm.models.json_text import json_value
from crm.pages.inspector.blueprint import blueprint
from crm.pages.inspector.entries import event_in, masked_payload, secrets_of
from crm.pages.inspector.lines import effects_in, events_of
from crm.web.security import admin_only

LONGEST_PAYLOAD = 64 * 1024
UNREADABLE = 422


@dataclass(frozen=True)
class Replay:
    """What an event would do. call: the one that it finds; None if it would make a new one.

    again: beside everything that came. instead: in place of the event itself, as if it came only
    now; None for one that the call does not have. changed: its values are not those that came.
    """

    call: Call | None
    has_key: bool
    again: Effect
    instead: Effect | None
    changed: bool


@blueprint.post("/events/<int:event_id>/replay")
@admin_only
def replay_event(event_id: int) -> tuple[str, int]:
    """Replay an event with the fields of the form (`payload`, JSON); the answer is a fragment."""
    row = db.get_or_404(CallEvent, event_id)
    return _answer(db.session.get_one(Tenant, row.tenant_id), event_of(row), row.call_id)


@blueprint.post("/waiting/<int:waiting_id>/replay")
@admin_only
def replay_waiting(waiting_id: int) -> tuple[str, int]:
    """Replay a webhook that the worker could not read yet."""
    row = db.get_or_404(InboxEntry, waiting_id)
    tenant = db.session.get_one(Tenant, row.tenant_id)
    return _answer(tenant, event_in(row, dict(tenant.notification_map or {})), None)


def _answer(tenant: Tenant, event: Event, call_id: int | None) -> tuple[str, int]:
    edited = request.form.get("payload", "")
    masked = masked_payload(event, secrets_of(tenant))
    try:
        given = json_value(edited[:LONGEST_PAYLOAD]) if edited.strip() else masked
        if not isinstance(given, dict):
            raise TypeError
    except (ValueError, TypeError, RecursionError):
        problem = _("These fields are not a JSON object, so nothing was replayed.")
        return render_template("inspector/_replay.html", problem=problem), UNREADABLE
    payload = filled_in(given, masked, event.payload)
    found = replay(tenant, event, payload, call_id)
    return render_template("inspector/_replay.html", replay=found), 200


def replay(tenant: Tenant, event: Event, payload: dict[str, Any], call_id: int | None) -> Replay:
    """What the event would do with these fields. call_id: its call; reads, writes nothing."""
    changed = _as_text(payload) != _as_text(event.payload)
    new = event
    if changed:  # other fields are another report
        digest = digest_of(event.source, payload, "replayed")
        new = replace(event, payload=payload, digest=digest, record=None)
    keys = keys_of(new)
    call = _call_of(tenant, keys)
    if call is None and keys.browser_call_id and call_id is not None:
        call = db.session.get(Call, call_id)
    if not keys and event.source is EventSource.AGENT and call_id is not None:
        call = db.session.get(Call, call_id)  # a note, a hold: it names its row
    came = [event_of(row) for row in events_of(call)] if call else []
    others = [one for one in came if one.digest != event.digest]
    return Replay(
        call=call,
        has_key=bool(keys) or call is not None,
        again=_last([*came, new], tenant),
        instead=_last([*others, new], tenant) if len(others) < len(came) else None,
        changed=changed,
    )


def filled_in(given: Any, masked: Any, original: Any) -> Any:
    """The fields as they were edited; what was left masked has its true value."""
    if given == masked:
        return original
    if isinstance(given, dict) and isinstance(original, dict) and isinstance(masked, dict):
        true_names = dict(zip(masked, original, strict=False))
        return {
            true_names.get(name, name): filled_in(
                value, masked.get(name), original.get(true_names.get(name, name))
            )
            for name, value in given.items()
        }
    return given


def _last(events: Sequence[Event], tenant: Tenant) -> Effect:
    return effects_in(events, tenant)[-1]


def _call_of(tenant: Tenant, keys: Keys) -> Call | None:
    """The call that has one of these keys, found as `rows.place` finds it."""
    same = [getattr(Call, name) == value for name, value in keys.vendor_keys]
    if not same:
        return None
    found = select(Call).where(Call.tenant_id == tenant.id, or_(*same)).order_by(Call.id)
    rows = list(db.session.scalars(found))
    for name, value in keys.vendor_keys:
        for row in rows:
            if getattr(row, name) == value:
                return row
    return None


def _as_text(payload: Any) -> str:
    return json.dumps(payload, sort_keys=True, default=str)
