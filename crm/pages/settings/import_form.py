"""The form that asks for an import: whose records, and of which days."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, ValidationError

from crm import tenants
from crm.models import utc_now
from crm.telephony.cdr_import.runs import FIRST_YEAR
from crm.web.current_agent import CurrentAgent

USUAL_DAYS = 7
_LAST_SECOND = time(23, 59, 59)
_ENTER_A_DAY = _("Enter a day, like 2026-10-31.")


def _whole_year(_form: FlaskForm, field: DateField) -> None:
    if field.data.year < FIRST_YEAR:
        raise ValidationError(_ENTER_A_DAY)


class ImportForm(FlaskForm):
    """A tenant and two days of its time zone, both included."""

    tenant = SelectField(
        _("Tenant"),
        coerce=int,
        description=_("The days are those of its time zone, which stands behind its name."),
    )
    start = DateField(_("From"), validators=[DataRequired(_ENTER_A_DAY), _whole_year])
    finish = DateField(
        _("To"), validators=[DataRequired(_ENTER_A_DAY)], description=_("This day is read too.")
    )

    @property
    def start_local(self) -> datetime:
        """The first second, in the tenant's time."""
        return datetime.combine(self.start.data, time.min)

    @property
    def finish_local(self) -> datetime:
        """The last second, in the tenant's time."""
        return datetime.combine(self.finish.data, _LAST_SECOND)


def import_form(agent: CurrentAgent, *, sent: bool = False) -> ImportForm:
    """The form with what was sent, else filled in with the reader's own tenant and a week."""
    today = utc_now().astimezone(ZoneInfo(agent.timezone)).date()
    start = today - timedelta(days=USUAL_DAYS - 1)
    usual = {"tenant": agent.tenant_id, "start": start, "finish": today}
    form = ImportForm(**usual) if sent else ImportForm(formdata=None, **usual)
    form.tenant.choices = [
        SelectChoice(tenant.id, f"{tenant.name} ({tenant.timezone})")
        for tenant in tenants.all_tenants()
    ]
    return form
