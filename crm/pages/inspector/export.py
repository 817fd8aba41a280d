"""`export.json`: what the inspector shows of a tenant, as one file to send to support.

Masked like the page: no key, no telephone number, no words about people.
"""

import json
from dataclasses import asdict
from typing import Any

from flask import Response
from werkzeug.utils import secure_filename

from crm.calls.effects import Effect
from crm.pages.inspector import lines
from crm.pages.inspector.blueprint import blueprint, read
from crm.pages.inspector.entries import Entry, secrets_of, shown
from crm.telephony import request_log
from crm.telephony.masking import masked
from crm.web import clock
from crm.web.security import admin_only

MOST_LINES = 100
FORMAT = 1


@blueprint.get("/<int:tenant_id>/export.json")
@admin_only
def export(tenant_id: int) -> Response:
    """The newest calls that the filter asks for, with their entries."""
    asked, now = read(tenant_id), clock.now()
    found = lines.find(asked, before=None, limit=MOST_LINES, now=now)
    tenant = asked.tenant
    told = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "filter": masked(asked.fields, known=asked.fields, secrets=secrets_of(tenant)),
        "tenant": {
            "name": tenant.name,
            "host": tenant.host,
            "api_url": tenant.api_url,
            "timezone": tenant.timezone,
            "region": tenant.region,
            "dial_format": tenant.dial_format.value,
            "notification_map": tenant.notification_map,
            "inspector_is_on": request_log.is_on(tenant, now),
        },
        "refused_webhooks": [
            {"name": one.name, "count": one.count, "last_at": one.last_at.isoformat()}
            for one in found.refused
        ],
        "about_no_call": [_of_entry(entry) for entry in found.loose],
        "calls": [
            {
                "id": line.call.id,
                "direction": line.call.direction.value if line.call.direction else None,
                "result": line.result,
                "agent": line.agent,
                "activecallkey": line.call.activecallkey,
                "callkey": line.call.callkey,
                "transaction_id": line.call.transaction_id,
                "sources": line.call.sources,
                "entries": [_of_entry(entry) for entry in line.entries],
            }
            for line in found.lines
        ],
    }
    answer = Response(json.dumps(told, ensure_ascii=False, indent=1), mimetype="application/json")
    name = secure_filename(f"inspector-{tenant.name}-{now:%Y%m%d-%H%M%S}.json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _of_entry(entry: Entry) -> dict[str, Any]:
    told = asdict(entry)
    for left_out in ("number", "effect", "place", "words"):
        del told[left_out]
    told["at"] = entry.at.isoformat()
    told["guide"], told["file"] = entry.place
    if entry.effect is not None:
        told["effect"] = _of_effect(entry.effect)
    return {name: value for name, value in told.items() if value not in (None, "", 0)}


def _of_effect(effect: Effect) -> dict[str, Any]:
    return {
        "changed": [
            {"fact": one.name, "before": shown(*one[:2]), "after": shown(one.name, one.after)}
            for one in effect.changes
        ],
        "outranked": [
            {
                "fact": one.name,
                "told": shown(*one[:2]),
                "believed": shown(one.name, one.believed),
                "by": one.source,
            }
            for one in effect.outranked
        ],
        "confirmed": list(effect.agrees),
        "known_already": effect.repeats,
    }
