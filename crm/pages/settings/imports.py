"""`/settings/imports`: fetches the records of past days, and switches the reconciliation.

For admins. An import that runs asks for its own line again every second, until it is done.
"""

import json
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import current_app, make_response, render_template, request, url_for
from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import Select
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, ValidationError

from crm import tenants
from crm.extensions import db
from crm.models import CdrImport, ImportKind, ImportState, Tenant, utc_now
from crm.pages.settings.blueprint import PlainForm, blueprint, saved, show_problems
from crm.settings import Settings
from crm.telephony import import_runs, reconciliation
from crm.tenants import TenantData
from crm.web import current_agent
from crm.web.incoming import row_id
from crm.web.layout import wants_fragment
from crm.web.security import admin_only
from crm.worker import status

PAGE = 20
USUAL_DAYS = 7
_ENTER_A_DAY = lazy_gettext("Enter a day, like 2026-10-31.")


class ImportForm(FlaskForm):
    """A tenant and two days of its time zone, both included."""

    tenant = SelectField(
        lazy_gettext("Tenant"),
        coerce=int,
        description=lazy_gettext(
            "The days are those of its time zone, which stands behind its name."
        ),
    )
    start = DateField(lazy_gettext("From"), validators=[DataRequired(_ENTER_A_DAY)])
    finish = DateField(
        lazy_gettext("To"),
        validators=[DataRequired(_ENTER_A_DAY)],
        description=lazy_gettext("This day is read too."),
    )

    def validate_start(self, field: DateField) -> None:
        """Refuse a year like 0026. WTForms calls it."""
        if field.data.year < import_runs.FIRST_YEAR:
            raise ValidationError(_ENTER_A_DAY)


@blueprint.get("/imports")
@admin_only
def imports() -> str:
    """The form, the imports so far, the reconciliation; the list's next page alone (`before`)."""
    before = request.args.get("before", type=row_id)
    if before is not None and wants_fragment():
        runs, more = _page_of(import_runs.newest_first().where(CdrImport.id < before))
        return render_template(
            "settings/_import_rows.html", runs=runs, more=more, plain_form=PlainForm()
        )
    return fresh_page()


@blueprint.post("/imports")
@admin_only
def start_import() -> Response:
    """Begin an import; the same one asked for twice is one."""
    form = import_form(sent=True)
    if not form.validate_on_submit():
        return make_response(page(form), 422)
    try:
        run = import_runs.start(
            form.tenant.data,
            datetime.combine(form.start.data, time.min),
            datetime.combine(form.finish.data, time(23, 59, 59)),
            asked_by_id=current_agent.get().id,
        )
    except ValueError as error:
        db.session.rollback()
        show_problems(form, {"finish": str(error)})
        return make_response(page(form), 422)
    import_runs.ask_to_import(run)
    db.session.commit()
    sentence = _("The import runs. You may leave this page; it goes on.")
    return saved(sentence, url_for("settings.imports"), fresh_page)


@blueprint.get("/imports/<int:import_id>")
@admin_only
def one_import(import_id: int) -> Response:
    """The list with this import; its line alone (`part`), for one that is watched."""
    run = db.session.scalar(import_runs.newest_first().where(CdrImport.id == import_id))
    if run is None:
        raise NotFound
    if not wants_fragment() or "part" not in request.args:
        return make_response(fresh_page())
    answer = make_response(line(run))
    if run.state is ImportState.DONE:  # the line asks while it runs, so it has just ended
        answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": _("The import is done.")}})
    return answer


@blueprint.post("/imports/<int:import_id>/go-on")
@admin_only
def go_on(import_id: int) -> Response:
    """Let an import that failed go on where it stopped."""
    try:
        run = import_runs.go_on(import_id)
    except LookupError:
        raise NotFound from None
    if run.state is ImportState.RUNNING:
        import_runs.ask_to_import(run)
    db.session.commit()
    if not wants_fragment():
        return saved(_("The import goes on."), url_for("settings.imports"), fresh_page)
    return make_response(line(run))


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
    return saved(sentence, url_for("settings.imports"), fresh_page)


def import_form(*, sent: bool = False) -> ImportForm:
    """The form with what was sent, else filled in with the reader's own tenant and a week."""
    agent = current_agent.get()
    today = utc_now().astimezone(ZoneInfo(agent.timezone)).date()
    start = today - timedelta(days=USUAL_DAYS - 1)
    usual = {"tenant": agent.tenant_id, "start": start, "finish": today}
    form = ImportForm(**usual) if sent else ImportForm(formdata=None, **usual)
    form.tenant.choices = [
        SelectChoice(tenant.id, f"{tenant.name} ({tenant.timezone})")
        for tenant in tenants.all_tenants()
    ]
    return form


def fresh_page() -> str:
    """The page with an empty form."""
    return page(import_form())


def page(form: ImportForm) -> str:
    """The page with this form."""
    runs, more = _page_of(import_runs.newest_first())
    waits = any(run.state is ImportState.RUNNING for run in runs)
    return render_template(
        "settings/imports.html",
        form=form,
        runs=runs,
        more=more,
        plain_form=PlainForm(formdata=None),
        reconciliations=[reconciliation.status(one) for one in tenants.all_tenants()],
        overdue_since=status.standing(now=utc_now()).overdue_since if waits else None,
    )


def line(run: CdrImport) -> str:
    """One import of the list."""
    return render_template("settings/_import.html", run=run, plain_form=PlainForm())


@blueprint.app_template_filter()
def import_days(run: CdrImport) -> str:
    """The days that an import reads: "1 - 31 Oct"."""
    first, last = run.start_local.date(), run.finish_local.date()
    locale = str(get_locale() or "en")
    end = "d MMM" if first.year == last.year == utc_now().year else "d MMM y"
    if first == last:
        return format_date(last, end, locale=locale)
    start = "d" if (first.year, first.month) == (last.year, last.month) else end
    return f"{format_date(first, start, locale=locale)} – {format_date(last, end, locale=locale)}"  # noqa: RUF001


@blueprint.app_template_filter()
def day_reached(run: CdrImport) -> str | None:
    """The day that an import reads now: "2 Oct"; None when it reads one day only."""
    if run.start_local.date() == run.finish_local.date():
        return None
    day = max(run.reached_local or run.slice_start, run.slice_start).date()
    form = "d MMM" if day.year == utc_now().year else "d MMM y"
    return format_date(day, form, locale=str(get_locale() or "en"))


def _page_of(statement: Select[CdrImport]) -> tuple[list[CdrImport], str | None]:
    """A page of the imports that people asked for, and the address of the next."""
    by_people = statement.where(CdrImport.kind == ImportKind.ASKED_FOR).limit(PAGE + 1)
    runs = list(db.session.scalars(by_people))
    more = url_for("settings.imports", before=runs[PAGE - 1].id) if len(runs) > PAGE else None
    return runs[:PAGE], more
