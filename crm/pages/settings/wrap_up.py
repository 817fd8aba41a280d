"""`/settings/tenants/<id>/wrap-up`: a tenant's outcomes, and the time that wrap-up may take. For
admins.

The whole list is one form. Each of its buttons saves what is typed, then does what it says.
"""

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from crm.calls import outcomes
from crm.calls.outcomes import InvalidOutcomeError
from crm.extensions import db
from crm.models import Tenant, utc_now
from crm.pages.settings.blueprint import PlainForm, blueprint, saved
from crm.web.security import admin_only

LONGEST_SECONDS = 3600
SHORTEST_SECONDS = 10


@blueprint.get("/tenants/<int:tenant_id>/wrap-up")
@admin_only
def wrap_up(tenant_id: int) -> str:
    """The outcomes in their order, the retired ones below, and the time."""
    return _page(db.get_or_404(Tenant, tenant_id))


@blueprint.post("/tenants/<int:tenant_id>/wrap-up")
@admin_only
def change_wrap_up(tenant_id: int) -> Response:
    """Save the list, then move, retire or bring back one of it.

    Form: code and name, once for each outcome, in the same order; makes_follow_up: a code or "";
    new: a name; seconds: "" for no limit; up, down, retire, restore: the code for a button.
    """
    tenant, form = db.get_or_404(Tenant, tenant_id), request.form
    if not PlainForm().validate_on_submit():
        return make_response(_page(tenant), 422)
    names = [*zip(form.getlist("code"), form.getlist("name"), strict=False)]
    try:
        tenant.wrap_up_seconds = _seconds(form.get("seconds", ""))
        chosen, new = form.get("makes_follow_up", ""), form.get("new", "")
        outcomes.save(tenant, names, makes_follow_up=chosen, new=new)
        for button, by in (("up", -1), ("down", 1)):
            if button in form:
                outcomes.shift(tenant, form[button], by)
        for button, now in (("retire", utc_now()), ("restore", None)):
            if button in form:
                outcomes.set_retired(tenant, form[button], now=now)
    except InvalidOutcomeError as error:
        db.session.rollback()
        return make_response(_page(db.get_or_404(Tenant, tenant_id), problem=str(error)), 422)
    db.session.commit()
    return saved(
        _("The list is saved."),
        url_for("settings.wrap_up", tenant_id=tenant_id),
        lambda: wrap_up(tenant_id),
    )


def _seconds(text: str) -> int | None:
    """Raises InvalidOutcomeError, whose sentence is shown above the form."""
    if not text.strip():
        return None
    digits = text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 6  # noqa: PLR2004
    if digits and SHORTEST_SECONDS <= int(text) <= LONGEST_SECONDS:
        return int(text)
    raise InvalidOutcomeError(
        _(
            "Wrap-up takes %(least)s to %(most)s seconds, or nothing for as long as it takes.",
            least=SHORTEST_SECONDS,
            most=LONGEST_SECONDS,
        )
    )


def _page(tenant: Tenant, *, problem: str = "") -> str:
    """With a problem, the form keeps what was typed."""
    every = outcomes.of(tenant.id, outcomes.of_tenants())
    typed = dict(zip(request.form.getlist("code"), request.form.getlist("name"), strict=False))
    kept = problem != ""
    return render_template(
        "settings/wrap_up.html",
        tenant=tenant,
        form=PlainForm(),
        offered=[one for one in every if not one.is_retired],
        retired=[one for one in every if one.is_retired],
        typed=typed if kept else {},
        new=request.form.get("new", "") if kept else "",
        seconds=request.form.get("seconds", "") if kept else tenant.wrap_up_seconds or "",
        problem=problem,
    )
