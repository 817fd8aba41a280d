"""The console's JSON control API for the IVR's notification step.

GET  /console/api/notification-steps   {tenant: {method, names}}; the address holds a secret
POST /console/api/notification-steps   {tenant, url, method?: GET | POST, names?: {meaning: name},
                                       raw?: words are not percent-encoded};
                                       an empty url takes the step away

Meanings: see `notifications`. Failures: 4xx {error: sentence}.
"""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from crm.simulator.current import switchboard
from crm.simulator.notifications import MEANINGS, METHODS, Step

blueprint = Blueprint("console_notifications", __name__, url_prefix="/console/api")


class StepError(ValueError):
    """A step that cannot be; the text says why."""


@blueprint.get("/notification-steps")
def steps() -> ResponseReturnValue:
    """How each tenant's IVR tells of ended calls."""
    all_steps = switchboard().notifications.steps
    return jsonify(
        {
            tenant: {"method": step.method, "names": dict(step.names)}
            for tenant, step in all_steps.items()
        }
    )


@blueprint.post("/notification-steps")
def set_step() -> ResponseReturnValue:
    """Set a tenant's step up, change it, or take it away."""
    wish = request.get_json()
    tenant, step = _tenant(wish), _step(wish)
    with switchboard().changed:
        if step is None:
            switchboard().notifications.steps.pop(tenant, None)
        else:
            switchboard().notifications.steps[tenant] = step
    return steps()


@blueprint.errorhandler(StepError)
def cannot_be(error: StepError) -> ResponseReturnValue:
    """422 with the sentence."""
    return jsonify(error=str(error)), 422


def _tenant(wish: Any) -> str:
    name = wish.get("tenant") if isinstance(wish, dict) else None
    if name not in {tenant.name for tenant in switchboard().tenants}:
        raise StepError(f"There is no tenant {name}.")
    return str(name)


def _step(wish: dict[str, Any]) -> Step | None:
    url, method = str(wish.get("url") or ""), wish.get("method") or "GET"
    if not url:
        return None
    if not url.startswith(("http://", "https://")) or method not in METHODS:
        raise StepError("A step has an address that starts with http, and is sent by GET or POST.")
    names, raw = wish.get("names"), wish.get("raw") is True
    if names is None:
        return Step(url, method, raw=raw)
    if not isinstance(names, dict) or not set(names) <= set(MEANINGS):
        raise StepError(f"Names are given for {', '.join(MEANINGS)}.")
    told = {meaning: str(name) for meaning, name in names.items() if name}
    return Step(url, method, told, raw)
