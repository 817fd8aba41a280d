"""`/settings/imports`: records of past days fetched into the call log, and what fetches the last
hours by itself. For admins.

An import that runs asks for its own line again every second, until it is done.
"""

import json

from flask import current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm import tenants, worker
from crm.extensions import db
from crm.models import CdrImport, ImportState, Tenant, utc_now
from crm.pages.settings import import_lines
from crm.pages.settings.blueprint import PlainForm, blueprint, saved, show_problems
from crm.pages.settings.import_form import ImportForm, import_form
from crm.pages.settings.import_lines import ImportLine
from crm.settings import Settings
from crm.telephony import cdr_import
from crm.telephony.cdr_import import queries
from crm.tenants import TenantData
from crm.web import current_agent
from crm.web.incoming import row_id
from crm.web.layout import wants_fragment
from crm.web.security import admin_only
from crm.worker import status

PAGE = 20


@blueprint.get("/imports")
@admin_only
def imports() -> str:
    """The form, the imports so far, the reconciliation; the list's next page alone (`before`)."""
    before = request.args.get("before", type=row_id)
    if before is not None and wants_fragment():
        lines, more = _rows(before)
        form = PlainForm()
        return render_template(
            "settings/_import_rows.html", lines=lines, more=more, plain_form=form
        )
    return _fresh_page()


@blueprint.post("/imports")
@admin_only
def start_import() -> Response:
    """Begin an import; the same one asked for twice is one."""
    form = import_form(current_agent.get(), sent=True)
    if form.validate_on_submit() and _start(form):
        sentence = _("The import runs. You may leave this page; it goes on.")
        return saved(sentence, url_for("settings.imports"), _fresh_page)
    return make_response(_page(form), 422)


@blueprint.get("/imports/<int:import_id>")
@admin_only
def one_import(import_id: int) -> Response:
    """The list with this import; its line alone (`part`), for one that is watched."""
    run = _found(import_id)
    if not wants_fragment() or "part" not in request.args:
        return make_response(_fresh_page())
    answer = make_response(_drawn(run))
    if run.state is ImportState.DONE:  # only who saw it run asks
        answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": _("The import is done.")}})
    return answer


@blueprint.post("/imports/<int:import_id>/go-on")
@admin_only
def go_on(import_id: int) -> Response:
    """Let an import that failed go on where it stopped."""
    try:
        run = cdr_import.go_on(import_id)
    except LookupError:
        raise NotFound from None
    if run.state is ImportState.RUNNING:
        worker.ask_to_import(run)
    db.session.commit()
    if not wants_fragment():
        return saved(_("The import goes on."), url_for("settings.imports"), _fresh_page)
    return make_response(_drawn(_found(import_id)))


@blueprint.post("/tenants/<int:tenant_id>/reconcile")
@admin_only
def switch_reconciliation(tenant_id: int) -> Response:
    """Switch a tenant's reconciliation on or off (`on`: 1 or 0)."""
    tenant = db.get_or_404(Tenant, tenant_id)
    settings: Settings = current_app.extensions["settings"]
    on = TenantData(reconcile=request.form.get("on") == "1")
    tenants.set_tenant(tenant.name, on, secret_key=settings.secret_key)
    db.session.commit()
    sentence = (
        _("The reconciliation of tenant %(name)s is on.", name=tenant.name)
        if tenant.reconcile
        else _("The reconciliation of tenant %(name)s is off.", name=tenant.name)
    )
    return saved(sentence, url_for("settings.imports"), _fresh_page)


def _start(form: ImportForm) -> bool:
    try:
        run = cdr_import.start(
            form.tenant.data,
            form.start_local,
            form.finish_local,
            asked_by_id=current_agent.get().id,
        )
    except ValueError as error:
        db.session.rollback()
        show_problems(form, {"finish": str(error)})
        return False
    worker.ask_to_import(run)
    db.session.commit()
    return True


def _fresh_page() -> str:
    return _page(import_form(current_agent.get()))


def _page(form: ImportForm) -> str:
    lines, more = _rows(None)
    runs = any(line.state == ImportState.RUNNING for line in lines)
    return render_template(
        "settings/imports.html",
        form=form,
        lines=lines,
        more=more,
        plain_form=PlainForm(formdata=None),
        reconciliations=[queries.reconciliation_of(one) for one in tenants.all_tenants()],
        overdue_since=status.standing(now=utc_now()).overdue_since if runs else None,
    )


def _rows(before: int | None) -> tuple[list[ImportLine], str | None]:
    """One page of the list, and the address of the next."""
    found = queries.asked_for(before, PAGE + 1)
    more = url_for("settings.imports", before=found[PAGE - 1].id) if len(found) > PAGE else None
    now = utc_now()
    return [import_lines.of_import(run, now=now) for run in found[:PAGE]], more


def _drawn(run: CdrImport) -> str:
    line = import_lines.of_import(run, now=utc_now())
    return render_template("settings/_import.html", line=line, plain_form=PlainForm())


def _found(import_id: int) -> CdrImport:
    run = queries.find(import_id)
    if run is None:
        raise NotFound
    return run
