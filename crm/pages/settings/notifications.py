"""`/settings/tenants/<id>/notifications`: connecting the IVR of a tenant. For admins.

The address to paste into the step of the IVR, what its parameters are called, and what came.
"""

from flask import current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from crm import tenants
from crm.callcenterstudio.webhooks import MEANINGS
from crm.extensions import db
from crm.models import Tenant, utc_now
from crm.models.locking import take_write_lock
from crm.pages.settings import notification_lines
from crm.pages.settings.blueprint import PlainForm, blueprint, saved, show_problems
from crm.pages.settings.notification_form import NamesForm, names_form, names_in
from crm.settings import Settings
from crm.telephony.notifications import read_again, set_names
from crm.tenants import InvalidTenantError
from crm.web.layout import wants_fragment
from crm.web.security import admin_only


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
    """Save the names; what was not understood is read again with them."""
    found = db.get_or_404(Tenant, tenant_id)
    form = names_form(found.notification_map or {})
    again = 0
    if form.validate_on_submit():
        try:
            again = _save(tenant_id, form)
        except InvalidTenantError as error:
            db.session.rollback()
            show_problems(form, error.problems)
    if form.errors:
        return make_response(_page(db.get_or_404(Tenant, tenant_id), form), 422)
    return saved(_saved(again), _url(found.id), lambda: notifications(tenant_id))


@blueprint.post("/tenants/<int:tenant_id>/notifications/secret")
@admin_only
def replace_notification_secret(tenant_id: int) -> Response:
    """Give the webhooks new addresses; the old ones stop working at once."""
    found = db.get_or_404(Tenant, tenant_id)
    tenants.rotate_hook_secret(found)
    db.session.commit()
    sentence = _("The address is new. The old one stopped working this moment.")
    return saved(sentence, _url(tenant_id), lambda: notifications(tenant_id))


def _save(tenant_id: int, form: NamesForm) -> int:
    db.session.rollback()
    take_write_lock()
    found = db.get_or_404(Tenant, tenant_id)
    before = dict(found.notification_map or {})
    set_names(found, names_in(form))
    again = read_again(found) if found.notification_map != before else 0
    db.session.commit()
    return again


def _saved(again: int) -> str:
    if not again:
        return str(_("The names are saved."))
    sentence: str = ngettext(
        "The names are saved. %(num)s notification is read again with them.",
        "The names are saved. %(num)s notifications are read again with them.",
        again,
    )
    return sentence


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
        latest=notification_lines.latest(found, now=utc_now()),
        **more,
    )
