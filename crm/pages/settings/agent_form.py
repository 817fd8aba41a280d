"""The forms of an agent: two for admins, two for the agents themselves."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired

from crm import agents, tenants
from crm.agents import AgentData
from crm.extensions import db
from crm.models import Agent, Role, Tenant
from crm.translations import LANGUAGES
from crm.web.untouched_fields import keep_untouched

LANGUAGE_CHOICES = [SelectChoice(code, name) for code, name in LANGUAGES.items()]
_NEW_PASSWORD = _("At least %(least)s characters.", least=agents.SHORTEST_PASSWORD)


class AgentForm(FlaskForm):
    """The values that an admin sets; the password only for a new agent."""

    name = StringField(_("Name"), validators=[DataRequired(_("Enter a name."))])
    email = EmailField(
        _("E-mail"),
        validators=[DataRequired(_("Enter an e-mail address."))],
        description=_("What the agent logs in with here."),
    )
    tenant = SelectField(_("Tenant"), coerce=int)
    studio_email = EmailField(
        _("E-mail at Call Center Studio"),
        description=_(
            "The address that the agent logs in with there. Empty means the same as above. "
            "A change ends the agent's logins here, so that the phone changes too."
        ),
    )
    shown = HiddenField()
    role = SelectField(
        _("Role"),
        choices=[
            SelectChoice(Role.AGENT.value, _("Agent: contacts and calls")),
            SelectChoice(Role.ADMIN.value, _("Admin: everything, settings too")),
        ],
    )
    password = PasswordField(
        _("Password"), validators=[DataRequired(_NEW_PASSWORD)], description=_NEW_PASSWORD
    )


class NewPasswordForm(FlaskForm):
    """A new password for another agent."""

    password = PasswordField(
        _("New password"), validators=[DataRequired(_NEW_PASSWORD)], description=_NEW_PASSWORD
    )


class OwnProfileForm(FlaskForm):
    """The settings that agents make themselves."""

    shown = HiddenField()
    name = StringField(_("Name"), validators=[DataRequired(_("Enter a name."))])
    language = SelectField(
        _("Language"),
        choices=[SelectChoice("", _("As the browser asks for")), *LANGUAGE_CHOICES],
    )
    pop_opens_contact = BooleanField(
        _("Open the contact by itself when a call rings"),
        description=_("Never while a form with unsaved changes is open."),
    )
    ring_sound = BooleanField(
        _("Play a sound of the CRM's own when a call rings"),
        description=_("Beside the softphone's own. During a call it sounds only once."),
    )


class OwnPasswordForm(FlaskForm):
    """A new password for oneself."""

    current_password = PasswordField(
        _("Current password"), validators=[DataRequired(_("Enter your current password."))]
    )
    password = PasswordField(
        _("New password"), validators=[DataRequired(_NEW_PASSWORD)], description=_NEW_PASSWORD
    )


def agent_form(agent: Agent | None) -> AgentForm:
    """The form, filled in with an agent or empty for a new one."""
    form = AgentForm(**_filled(agent)) if agent else AgentForm()
    form.tenant.choices = [SelectChoice(tenant.id, tenant.name) for tenant in tenants.all_tenants()]
    if agent:
        del form.password
        keep_untouched(form, _filled(agent))
    return form


def own_profile_form(agent: Agent) -> OwnProfileForm:
    """The form of the agent's own settings, filled in."""
    stored = {
        "name": agent.name,
        "language": agent.locale if agent.locale in LANGUAGES else "",
        "pop_opens_contact": agent.pop_opens_contact,
        "ring_sound": agent.ring_sound,
    }
    form = OwnProfileForm(**stored)
    keep_untouched(form, stored)
    return form


def data_of(form: AgentForm) -> AgentData:
    """The values of a valid form."""
    return AgentData(
        email=form.email.data,
        name=form.name.data,
        tenant=db.session.get_one(Tenant, form.tenant.data),
        role=Role(form.role.data),
        studio_email=form.studio_email.data,
    )


def _filled(agent: Agent) -> dict[str, Any]:
    same = agent.studio_email == agent.email
    return {
        "name": agent.name,
        "email": agent.email,
        "tenant": agent.tenant_id,
        "studio_email": "" if same else agent.studio_email,
        "role": agent.role.value,
    }
