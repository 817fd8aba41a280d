"""`/contacts/<id>/calls`, one contact's timeline, and its lines.

A line whose facts are still coming asks for itself again until they are there.
"""

from flask import render_template
from werkzeug.exceptions import NotFound

from crm import calls
from crm.extensions import db
from crm.models import Contact
from crm.pages.calls import changes
from crm.pages.calls.blueprint import (
    allowed,
    blueprint,
    line_of,
    lines_of,
    more,
    page_length,
    place,
    tenant_ids,
)
from crm.web.layout import wants_fragment

TIMELINE_PAGE = 30


@blueprint.get("/calls/<int:call_id>/event")
def event(call_id: int) -> str:
    """One line of a timeline."""
    call = allowed(call_id)
    return render_template("calls/_event.html", line=line_of(call), changes=changes.of_call(call))


@blueprint.get("/contacts/<int:contact_id>/calls")
def of_contact(contact_id: int) -> str:
    """A contact's calls, newest first; the next page alone with `before`; `shown` as in the log."""
    contact = db.session.get(Contact, contact_id)
    if contact is None or contact.deleted_at is not None:
        raise NotFound
    before = place()
    length = page_length(TIMELINE_PAGE)
    found = calls.of_contact(contact_id, before, length + 1, tenant_ids=tenant_ids())
    address = f"/contacts/{contact_id}/calls"
    part = "calls/_events.html" if before else "calls/_timeline.html"
    return render_template(
        part if wants_fragment() else "calls/history.html",
        contact=contact,
        lines=lines_of(found[:length]),
        changes_of=changes.of_calls(found[:length]),
        more=more(address, found, length),
        address=address,
        shown_until=before.started_at if before else None,
    )
