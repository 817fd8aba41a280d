"""`/settings/tenants`: tenants, the customer accounts at Call Center Studio. For admins."""

from flask import current_app, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from crm import tenants
from crm.calls import summary
from crm.extensions import db
from crm.models import Tenant
from crm.pages.settings.blueprint import PlainForm, blueprint, saved, show_problems
from crm.pages.settings.overview import can_open_token
from crm.pages.settings.tenant_form import TenantForm, data_of, tenant_form
from crm.settings import Settings
from crm.telephony import account, webhook_secrets
from crm.tenants import InvalidTenantError
from crm.web.layout import wants_fragment
from crm.web.security import admin_only


@blueprint.get("/tenants")
@admin_only
def list_tenants() -> str:
    """All tenants."""
    return render_template("settings/tenants.html", tenants=tenants.all_tenants())


@blueprint.get("/tenants/new")
@admin_only
def new_tenant() -> str:
    """The form of a new tenant."""
    return _page(tenant_form(None), None)


@blueprint.post("/tenants/new")
@admin_only
def add_tenant() -> Response:
    """Make the tenant, or show the form again."""
    form = tenant_form(None)
    if form.validate_on_submit() and tenants.by_name(form.name.data) is not None:
        show_problems(form, {"name": _("There is a tenant of this name already.")})
    elif not form.errors and _save(form, form.name.data):
        return saved(_("The tenant is saved."), url_for("settings.list_tenants"), list_tenants)
    return make_response(_page(form, None), 422)


@blueprint.get("/tenants/<int:tenant_id>")
@admin_only
def tenant(tenant_id: int) -> str:
    """The form of a tenant, its webhook's address, and a button that tries the connection."""
    found = db.get_or_404(Tenant, tenant_id)
    return _page(tenant_form(found), found)


@blueprint.post("/tenants/<int:tenant_id>")
@admin_only
def change_tenant(tenant_id: int) -> Response:
    """Change the tenant, or show the form again."""
    found = db.get_or_404(Tenant, tenant_id)
    form = tenant_form(found)
    if form.validate_on_submit() and _save(form, found.name):
        return saved(_("The tenant is saved."), url_for("settings.list_tenants"), list_tenants)
    return make_response(_page(form, found), 422)


@blueprint.post("/tenants/<int:tenant_id>/test")
@admin_only
def test_connection(tenant_id: int) -> Response:
    """Ask the vendor's API whether it accepts the app token, and show the result."""
    found = db.get_or_404(Tenant, tenant_id)
    settings: Settings = current_app.extensions["settings"]
    problem = account.try_connection(found, settings.secret_keys)
    kind, sentence = "error", str(problem)
    if problem is None:
        kind, sentence = "success", _("Call Center Studio answered and took the app token.")
    if not wants_fragment():
        flash(sentence, kind)
        return redirect(url_for("settings.tenant", tenant_id=tenant_id), 303)
    return make_response(
        render_template(
            "settings/_connection.html",
            tenant=found,
            plain_form=PlainForm(),
            result=(kind, sentence),
        )
    )


@blueprint.post("/tenants/<int:tenant_id>/hook-secret")
@admin_only
def rotate_hook_secret(tenant_id: int) -> Response:
    """Give the webhooks new addresses."""
    found = db.get_or_404(Tenant, tenant_id)
    tenants.rotate_hook_secret(found)
    db.session.commit()
    return saved(
        _("The webhooks have new addresses. What is sent to the old ones is not taken any more."),
        url_for("settings.tenant", tenant_id=tenant_id),
        lambda: tenant(tenant_id),
    )


def _save(form: TenantForm, name: str) -> bool:
    settings: Settings = current_app.extensions["settings"]
    try:
        tenant = tenants.set_tenant(name, data_of(form), secret_key=settings.secret_key)
    except InvalidTenantError as error:
        db.session.rollback()
        show_problems(form, error.problems)
        return False
    if tenant.answer_within_seconds != form.answer_within_seconds.data:
        tenant.answer_within_seconds = form.answer_within_seconds.data
        summary.mark_all_changed(tenant.id)
    db.session.commit()
    return True


def _page(form: TenantForm, found: Tenant | None) -> str:
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "settings/tenant.html",
        form=form,
        plain_form=PlainForm(),
        tenant=found,
        token_is_lost=found is not None and found.app_token_sealed and not can_open_token(found),
        public_url=settings.public_url,
        hangup_url=webhook_secrets.address("hangup.hangup", found) if found else None,
    )
