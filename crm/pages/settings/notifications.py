"""`/settings/tenants/<id>/notifications`: connecting the IVR of a tenant. For admins.

The address to paste into the step of the IVR, the names of its parameters, and the notifications
that came last.
"""

from collections.abc import Mapping

from flask import current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from crm import tenants
from crm.callcenterstudio.webhooks import MEANINGS
from crm.extensions import db
from crm.models import Tenant, utc_now
from crm.models.locking import take_write_lock
from crm.pages.settings.blueprint import PlainForm, blueprint, saved, show_problems
from crm.pages.settings.notification_lines import LABELS, latest
from crm.settings import Settings
from crm.telephony import webhook_secrets
from crm.telephony.notifications import read_again, set_names
from crm.tenants import InvalidTenantError
from crm.web.layout import wants_fragment
from crm.web.security import admin_only
from crm.web.untouched_fields import keep_untouched

# What the vendor calls the value (seen in public set-ups, not confirmed).
MACROS: Mapping[str, str] = {
    "activecallkey": "{{call_activecallkey}}",
    "number": "{{call_callerid}}",
    "agent_email": "{{call_agent_email}}",
    "duration": "{{call_duration}}",
}


class NamesForm(FlaskForm):
    """The names of the parameters; an empty field means the usual names."""

    shown = HiddenField()
    activecallkey = StringField(LABELS["activecallkey"])
    number = StringField(LABELS["number"])
    called = StringField(LABELS["called"])
    agent_email = StringField(LABELS["agent_email"])
    queue = StringField(LABELS["queue"])
    duration = StringField(LABELS["duration"])
    disposition = StringField(LABELS["disposition"])
    call_date = StringField(LABELS["call_date"])


def names_form(stored: Mapping[str, str], names: Mapping[str, str] | None = None) -> NamesForm:
    """The form, filled in with `names`, or with those that are stored."""
    form = NamesForm(data=dict(stored if names is None else names))
    keep_untouched(form, {meaning: stored.get(meaning, "") for meaning in MEANINGS})
    for meaning, usual in MEANINGS.items():
        hint = ", ".join(usual)
        if meaning in MACROS:
            value = lazy_gettext("its value is most likely %(macro)s", macro=MACROS[meaning])
            hint = f"{hint} · {value}"
        elif meaning == "call_date":
            hint = f"{hint} · {lazy_gettext('local, like 2026-03-10 12:00:00')}"
        form[meaning].description = hint
    return form


@blueprint.get("/tenants/<int:tenant_id>/notifications")
@admin_only
def notifications(tenant_id: int) -> str:
    """The page; `names=example` fills the form in with our example; `part` is the list alone."""
    found = db.get_or_404(Tenant, tenant_id)
    if wants_fragment() and "part" in request.args:
        return _render("settings/_notifications.html", found)
    example = request.args.get("names") == "example"
    names = {meaning: meaning for meaning in MEANINGS} if example else None
    return _page(found, names_form(found.notification_map or {}, names))


@blueprint.post("/tenants/<int:tenant_id>/notifications")
@admin_only
def change_notification_names(tenant_id: int) -> Response:
    """Save the names; notifications that were not understood are read again with them."""
    found = db.get_or_404(Tenant, tenant_id)
    form = names_form(found.notification_map or {})
    again = 0
    if form.validate_on_submit():
        db.session.rollback()
        take_write_lock()
        found = db.get_or_404(Tenant, tenant_id)
        before = dict(found.notification_map or {})
        try:
            set_names(found, {meaning: form[meaning].data or "" for meaning in MEANINGS})
            again = read_again(found) if found.notification_map != before else 0
            db.session.commit()
        except InvalidTenantError as error:
            db.session.rollback()
            show_problems(form, error.problems)
    if form.errors:
        return make_response(_page(db.get_or_404(Tenant, tenant_id), form), 422)
    sentence = _("The names are saved.")
    if again:
        sentence = ngettext(
            "The names are saved. %(num)s notification is read again with them.",
            "The names are saved. %(num)s notifications are read again with them.",
            again,
        )
    return saved(sentence, _url(tenant_id), lambda: notifications(tenant_id))


@blueprint.post("/tenants/<int:tenant_id>/notifications/secret")
@admin_only
def replace_notification_secret(tenant_id: int) -> Response:
    """Give the webhooks new addresses; the old ones stop working at once."""
    found = db.get_or_404(Tenant, tenant_id)
    tenants.rotate_hook_secret(found)
    db.session.commit()
    sentence = _("The address is new. The old one stopped working this moment.")
    return saved(sentence, _url(tenant_id), lambda: notifications(tenant_id))


def _url(tenant_id: int) -> str:
    return str(url_for("settings.notifications", tenant_id=tenant_id))


def _page(found: Tenant, form: NamesForm) -> str:
    return _render("settings/notifications.html", found, form=form, plain_form=PlainForm())


def _render(template: str, found: Tenant, **more: object) -> str:
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        template,
        tenant=found,
        public_url=settings.public_url,
        address=webhook_secrets.address("notifications.notification", found),
        latest=latest(found, now=utc_now()),
        **more,
    )
