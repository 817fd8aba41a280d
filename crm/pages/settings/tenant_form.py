"""The form of a tenant: what each field means, and where its value is found at the vendor."""

import phonenumbers
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange

from crm.models import DialFormat, SoftphoneTenant, Tenant
from crm.names import sort_key
from crm.pages.settings.whole_number import WholeNumberField
from crm.tenants import TenantData
from crm.tenants.checks import all_timezones
from crm.web.template_filters import territory_name
from crm.web.untouched_fields import keep_untouched


class TenantForm(FlaskForm):
    """The values of a tenant. The token is never shown: its field is always empty."""

    shown = HiddenField()
    name = StringField(
        _("Name"),
        validators=[DataRequired(_("Enter the tenant's name."))],
        description=_(
            "The first part of your address at Call Center Studio: acme, if you log in at "
            "acme.callcenterstudio.com. It cannot be changed later."
        ),
    )
    app_token = PasswordField(_("App token"))
    timezone = SelectField(
        _("Time zone"),
        validators=[DataRequired()],
        description=_("Call Center Studio writes times in this zone, and pages show them in it."),
    )
    region = SelectField(
        _("Country of its numbers"),
        validators=[DataRequired()],
        description=_("A number without a country code is taken to be from here."),
    )
    dial_format = SelectField(
        _("Numbers are dialled as"),
        validators=[DataRequired()],
        choices=[
            SelectChoice(DialFormat.NATIONAL.value, _("National, like 05321234567")),
            SelectChoice(DialFormat.E164.value, _("International, like +905321234567")),
        ],
        description=_(
            "The vendor does not say which form it takes. Public programs dial the national one."
        ),
    )
    answer_within_seconds = WholeNumberField(
        _("Answered in time means within, seconds"),
        validators=[
            InputRequired(_("Enter a number of seconds.")),
            NumberRange(1, 3600, _("Enter a number of seconds from 1 to 3600.")),
        ],
        description=_(
            "The service level in the reports is the share of inbound calls that were answered "
            "within this time. A change counts the past again as well."
        ),
    )
    host = StringField(
        _("Host"),
        description=_("Customers of AloTech write theirs here, like acme.alo-tech.com."),
    )
    api_url = StringField(
        _("API address"),
        description=_("Empty means https://, the host, and /api/."),
    )
    softphone_url = StringField(
        _("Softphone page"),
        description=_(
            "The address of the Generic Softphone without its query. The vendor publishes none; "
            "the one filled in is the most likely, not a confirmed one. Ask support for yours."
        ),
    )
    softphone_tenant = SelectField(
        _("The softphone page gets as tenant"),
        validators=[DataRequired()],
        choices=[
            SelectChoice(SoftphoneTenant.HOST.value, _("The full host")),
            SelectChoice(SoftphoneTenant.NAME.value, _("The name alone")),
        ],
        description=_("With the name alone the phone of one public program could not register."),
    )
    softphone_unsandboxed = BooleanField(
        _("Run the softphone page without a sandbox"),
        description=_(
            "Only if it does not work otherwise. Without a sandbox that page can lead the whole "
            "window away from the CRM, also during a call."
        ),
    )


def tenant_form(tenant: Tenant | None) -> TenantForm:
    """The form, filled in with a tenant, or with the defaults of a new one."""
    form = TenantForm(obj=tenant) if tenant else TenantForm(**_START)
    form.timezone.choices = [SelectChoice(zone) for zone in sorted(all_timezones())]
    countries = {code: territory_name(code) or code for code in phonenumbers.SUPPORTED_REGIONS}
    by_name = sorted(countries, key=lambda country: sort_key(countries[country]))
    form.region.choices = [SelectChoice(code, countries[code]) for code in by_name]
    if tenant:
        del form.name
        stored = {name: getattr(tenant, name) for name in form.data.keys() - NOT_ON_RECORD}
        keep_untouched(form, stored)
    else:
        form.host.description = _("Empty means the name and .callcenterstudio.com.")
    return form


def data_of(form: TenantForm) -> TenantData:
    """The values typed. An empty token field keeps the stored token."""
    return TenantData(
        host=form.host.data,
        api_url=form.api_url.data,
        softphone_url=form.softphone_url.data,
        softphone_tenant=form.softphone_tenant.data,
        softphone_unsandboxed=form.softphone_unsandboxed.data,
        timezone=form.timezone.data,
        region=form.region.data,
        dial_format=form.dial_format.data,
        app_token=form.app_token.data or None,
    )


NOT_ON_RECORD = {"csrf_token", "shown", "app_token"}
_START = {"timezone": "Europe/Istanbul", "region": "TR", "answer_within_seconds": 20}
