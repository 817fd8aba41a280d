"""`/settings/me`: what every agent decides: name, password, what a ring opens."""

from flask import make_response, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user
from werkzeug.wrappers import Response

from crm import agents
from crm.agents import InvalidAgentError
from crm.extensions import db
from crm.models import Agent
from crm.web import current_agent
from crm.web.settings.agent_form import OwnPasswordForm, OwnProfileForm
from crm.web.settings.blueprint import blueprint, saved, show_problems


@blueprint.get("/me")
def me() -> str:
    """The form of one's own name and habits."""
    return render_template("settings/me.html", form=OwnProfileForm(obj=_me()), person=_me())


@blueprint.post("/me")
def change_me() -> Response:
    """Save it, or show the form again."""
    form = OwnProfileForm()
    if form.validate_on_submit():
        try:
            agents.change_own_profile(
                _me(), name=form.name.data, pop_opens_contact=form.pop_opens_contact.data
            )
        except InvalidAgentError as error:
            show_problems(form, error.problems)
        else:
            db.session.commit()
            return saved(_("Your settings are saved."), url_for("settings.me"), me)
    return make_response(render_template("settings/me.html", form=form, person=_me()), 422)


@blueprint.get("/me/password")
def my_password() -> str:
    """The form of one's own password."""
    return render_template("settings/my_password.html", form=OwnPasswordForm())


@blueprint.post("/me/password")
def change_my_password() -> Response:
    """Change the password: every other login ends, this one stays."""
    form = OwnPasswordForm()
    if form.validate_on_submit():
        agent = _me()
        try:
            agents.change_own_password(agent, form.current_password.data, form.password.data)
        except InvalidAgentError as error:
            show_problems(form, error.problems)
        else:
            db.session.commit()
            login_user(current_agent.of(agent))
            sentence = _("Your password is changed. You are logged out everywhere else.")
            return saved(sentence, url_for("settings.me"), me)
    return make_response(render_template("settings/my_password.html", form=form), 422)


def _me() -> Agent:
    return db.session.get_one(Agent, current_user.id)
