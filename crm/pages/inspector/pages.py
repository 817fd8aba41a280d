"""The pages: the lines of time, the switch, and one entry alone."""

import json
from typing import Any

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from crm import agents, calls
from crm.extensions import db
from crm.models import Call, CallEvent, InboxEntry, LoggedRequest, Tenant
from crm.pages.inspector import lines
from crm.pages.inspector.blueprint import Asked, blueprint, read
from crm.pages.inspector.curl import curl_of_request, curl_of_webhook
from crm.pages.inspector.entries import Entry, of_event, of_request, of_waiting, secrets_of, shown
from crm.pages.inspector.guide import FUNCTIONS, KINDS, MESSAGES
from crm.pages.inspector.lines import Found, call_about, line_of
from crm.pages.settings.blueprint import PlainForm, saved
from crm.telephony import request_log
from crm.web import clock, paging
from crm.web.layout import wants_fragment
from crm.web.refused_webhooks import TOO_MANY, UNREADABLE, WRONG_SECRET
from crm.web.security import admin_only

PAGE = 8
NAMES = (*FUNCTIONS, *MESSAGES, *KINDS)
blueprint.add_app_template_global(shown, "shown_fact")

REFUSED = {
    WRONG_SECRET: lazy_gettext("Webhooks with a wrong secret: nothing of them was kept."),
    UNREADABLE: lazy_gettext("Webhooks that were too large or could not be read."),
    TOO_MANY: lazy_gettext("Webhooks that came while too many waited."),
}


@blueprint.get("")
@admin_only
def index() -> str:
    """The page; the list alone for a refresh (`part`), its lines alone for the next page."""
    asked = read()
    if wants_fragment() and "part" in request.args:
        return _draw("inspector/_lines.html", asked)
    if wants_fragment() and paging.cursor() is not None:
        return _draw("inspector/_rows.html", asked)
    return _page(asked)


@blueprint.post("/<int:tenant_id>/switch")
@admin_only
def switch(tenant_id: int) -> Response:
    """Write down the tenant's requests for an hour from now on (`on`), or stop it."""
    asked, on = read(tenant_id), request.form.get("on") == "1"
    request_log.switch(tenant_id, on, now=clock.now())
    asked = read(tenant_id)  # as it is now
    url = url_for("inspector.index", _external=False, **asked.fields)
    sentence = _("Requests are written down from now on.") if on else _("It is switched off.")
    return saved(sentence, url, lambda: _page(asked))


@blueprint.get("/requests/<int:request_id>")
@admin_only
def show_request(request_id: int) -> str:
    """One request to the vendor, as a line of curl too."""
    row = db.get_or_404(LoggedRequest, request_id)
    tenant = db.session.get_one(Tenant, row.tenant_id)
    call = call_about(row)
    entry = _on_its_line(of_request(row), call, tenant)
    return _entry(tenant, entry, call, curl=curl_of_request(row, tenant.api_url))


@blueprint.get("/events/<int:event_id>")
@admin_only
def show_event(event_id: int) -> str:
    """One message, webhook or record: what it did, and a form to replay it."""
    row = db.get_or_404(CallEvent, event_id)
    tenant = db.session.get_one(Tenant, row.tenant_id)
    call = calls.find(row.call_id) if row.call_id else None
    entry = _on_its_line(of_event(row, secrets_of(tenant)), call, tenant)
    curl = curl_of_webhook(entry, public_url()) if entry.lane == "webhook" else ""
    return _entry(tenant, entry, call, curl=curl)


@blueprint.get("/waiting/<int:waiting_id>")
@admin_only
def show_waiting(waiting_id: int) -> str:
    """A webhook that the worker could not read yet."""
    row = db.get_or_404(InboxEntry, waiting_id)
    tenant = db.session.get_one(Tenant, row.tenant_id)
    entry = of_waiting(row, dict(tenant.notification_map or {}), secrets_of(tenant))
    return _entry(tenant, entry, None, curl=curl_of_webhook(entry, public_url()))


def public_url() -> str | None:
    """Where the vendor reaches this CRM."""
    found: str | None = current_app.extensions["settings"].public_url
    return found


def as_json(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _page(asked: Asked) -> str:
    everyone = [one for one in agents.all_agents() if one.tenant_id == asked.tenant.id]
    return _draw("inspector/index.html", asked, everyone=everyone, names=NAMES)


def _draw(template: str, asked: Asked, **more: Any) -> str:
    length, now = paging.length(PAGE), clock.now()
    found: Found = lines.find(asked, before=paging.cursor(), limit=length + 1, now=now)
    url = url_for("inspector.index")
    rows, next_page = paging.cut(found.lines, length, url, fields=asked.fields)
    return render_template(
        template,
        asked=asked,
        found=found,
        lines=rows,
        more=next_page,
        refused=[(REFUSED[one.name], one) for one in found.refused],
        is_on=request_log.is_on(asked.tenant, now),
        plain_form=PlainForm(),
        **more,
    )


def _on_its_line(entry: Entry, call: Call | None, tenant: Tenant) -> Entry:
    """The entry as the call's line has it, which knows more: its effect, a post that is missing."""
    if call is None:
        return entry
    entries = line_of(call, tenant, now=clock.now()).entries
    return next((one for one in entries if one.id == entry.id), entry)


def _entry(tenant: Tenant, entry: Entry, call: Call | None, *, curl: str) -> str:
    return render_template(
        "inspector/entry.html",
        tenant=tenant,
        entry=entry,
        call=call,
        curl=curl,
        sent=as_json(entry.sent),
        answer=as_json(entry.answer) if entry.answer is not None else "",
        plain_form=PlainForm(),
    )
