"""`/calls`, the log of all calls, and `/contacts/<id>/calls`, one contact's timeline.

Lists go by key. A line whose facts are still coming asks for itself again until they are there.
"""

from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask_login import current_user
from werkzeug.exceptions import NotFound

from crm import calls
from crm.extensions import db
from crm.models import Call, Contact, utc_now
from crm.web import call_lines
from crm.web.call_lines import CallLine
from crm.web.layout import wants_fragment

blueprint = Blueprint("calls", __name__)

LOG_PAGE = 50
TIMELINE_PAGE = 30
LONGEST_REFRESH = 300


@blueprint.get("/calls")
def log() -> str:
    """The log; its rows alone for the next page (`before`) and for a refresh (`rows`, `shown`)."""
    page = _page(LOG_PAGE)
    own = _tenant_ids()
    wanted = calls.CallFilter(tenant_ids=tuple(own) if own is not None else None)
    found = calls.matching(wanted, before=_place(), limit=page + 1)
    only_rows = wants_fragment() and ("before" in request.args or "rows" in request.args)
    return render_template(
        "calls/_rows.html" if only_rows else "calls/log.html",
        lines=_lines(found[:page]),
        more=_more("/calls", found, page),
    )


@blueprint.get("/calls/<int:call_id>/row")
def row(call_id: int) -> str:
    """One row of the log."""
    return render_template("calls/_row.html", line=_line(call_id))


@blueprint.get("/calls/<int:call_id>/event")
def event(call_id: int) -> str:
    """One line of a timeline."""
    return render_template("calls/_event.html", line=_line(call_id))


@blueprint.get("/contacts/<int:contact_id>/calls")
def of_contact(contact_id: int) -> str:
    """A contact's calls, newest first; the next page alone with `before`; `shown` as in the log."""
    contact = db.session.get(Contact, contact_id)
    if contact is None or contact.deleted_at is not None:
        raise NotFound
    before = _place()
    page = _page(TIMELINE_PAGE)
    found = calls.of_contact(contact_id, before, page + 1, tenant_ids=_tenant_ids())
    address = f"/contacts/{contact_id}/calls"
    part = "calls/_events.html" if before else "calls/_timeline.html"
    return render_template(
        part if wants_fragment() else "calls/history.html",
        contact=contact,
        lines=_lines(found[:page]),
        more=_more(address, found, page),
        address=address,
        shown_until=before.started_at if before else None,
    )


def _line(call_id: int) -> CallLine:
    call = calls.find(call_id)
    allowed = _tenant_ids()
    if call is None or (allowed is not None and call.tenant_id not in allowed):
        raise NotFound
    return call_lines.of_call(call, current_user, now=utc_now())


def _lines(found: list[Call]) -> list[CallLine]:
    now = utc_now()
    return [call_lines.of_call(call, current_user, now=now) for call in found]


def _tenant_ids() -> list[int] | None:
    """Agents see the calls of their tenant, admins all."""
    return None if current_user.is_admin else [current_user.tenant_id]


def _place() -> calls.Place | None:
    """Where the page begins: `before` is the start and the id of the last call before it."""
    started_at, _comma, call_id = request.args.get("before", "").partition(",")
    try:
        return calls.Place(datetime.fromisoformat(started_at).astimezone(UTC), int(call_id))
    except (ValueError, OverflowError):
        return None


def _page(usual: int) -> int:
    """How many lines: a list that is fetched again has as many as it showed (`shown`)."""
    shown = request.args.get("shown", 0, type=int)
    return min(max(usual, shown), LONGEST_REFRESH)


def _more(address: str, found: list[Call], page: int) -> str | None:
    if len(found) <= page:
        return None
    last = found[page - 1]
    return f"{address}?{urlencode({'before': f'{last.started_at.isoformat()},{last.id}'})}"
