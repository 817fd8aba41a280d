"""The blueprint of all pages of calls, and what they share: whose calls, where a page begins."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.exceptions import NotFound

from crm import calls
from crm.models import Call, utc_now
from crm.web import call_lines, current_agent
from crm.web.call_lines import CallLine
from crm.web.incoming import moment_and_id

blueprint = Blueprint("calls", __name__)

LONGEST_REFRESH = 300


def allowed(call_id: int) -> Call:
    """The call that an id means now, for who may see it. Raises 404."""
    call = calls.find(call_id)
    mine = tenant_ids()
    if call is None or (mine is not None and call.tenant_id not in mine):
        raise NotFound
    return call


def tenant_ids() -> tuple[int, ...] | None:
    """Agents see the calls of their tenant, admins all."""
    return None if current_user.is_admin else (current_user.tenant_id,)


def line_of(call: Call) -> CallLine:
    """A call as who is logged in may see it."""
    return call_lines.of_call(call, current_agent.get(), now=utc_now())


def lines_of(found: list[Call]) -> list[CallLine]:
    """Calls as who is logged in may see them, all at the same moment."""
    agent, now = current_agent.get(), utc_now()
    return [call_lines.of_call(call, agent, now=now) for call in found]


def place() -> calls.Place | None:
    """Where the page begins: `before` is the start and the id of the last call before it."""
    try:
        return calls.Place(*moment_and_id(request.args.get("before", "")))
    except ValueError:
        return None


def page_length(usual: int) -> int:
    """How many lines: a list that is fetched again has as many as it showed (`shown`)."""
    shown = request.args.get("shown", 0, type=int)
    return min(max(usual, shown), LONGEST_REFRESH)


def more(
    address: str, found: list[Call], length: int, fields: Mapping[str, str] | None = None
) -> str | None:
    """The address of what comes after a page, None at the end; `fields` stay in it."""
    if len(found) <= length:
        return None
    last = found[length - 1]
    before = {"before": f"{last.started_at.isoformat()},{last.id}"}
    return f"{address}?{urlencode({**(fields or {}), **before})}"
