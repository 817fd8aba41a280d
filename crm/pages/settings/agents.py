"""`/settings/agents`: agents, their roles, passwords and access. For admins."""

from flask import make_response, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from crm import agents
from crm.agents import InvalidAgentError
from crm.extensions import db
from crm.models import Agent
from crm.pages.settings.agent_form import AgentForm, NewPasswordForm, agent_form, data_of
from crm.pages.settings.blueprint import PlainForm, blueprint, saved, show_problems
from crm.web.security import admin_only


@blueprint.get("/agents")
@admin_only
def list_agents() -> str:
    """All agents, the deactivated ones last."""
    return render_template("settings/agents.html", people=agents.all_agents())


@blueprint.get("/agents/new")
@admin_only
def new_agent() -> str:
    """The form of a new agent."""
    return _page(agent_form(None), None)


@blueprint.post("/agents/new")
@admin_only
def add_agent() -> Response:
    """Add the agent, or show the form again."""
    form = agent_form(None)
    if form.validate_on_submit():
        try:
            agents.add_agent(data_of(form), form.password.data)
        except InvalidAgentError as error:
            show_problems(form, error.problems)
        else:
            return _done(_("%(name)s can log in now.", name=form.name.data))
    db.session.rollback()
    return make_response(_page(form, None), 422)


@blueprint.get("/agents/<int:agent_id>")
@admin_only
def agent(agent_id: int) -> str:
    """The form of an agent, with links to the password and the access."""
    found = db.get_or_404(Agent, agent_id)
    return _page(agent_form(found), found)


@blueprint.post("/agents/<int:agent_id>")
@admin_only
def change_agent(agent_id: int) -> Response:
    """Change the agent, or show the form again."""
    found = db.get_or_404(Agent, agent_id)
    form = agent_form(found)
    if form.validate_on_submit():
        try:
            agents.change_agent(found, data_of(form))
        except InvalidAgentError as error:
            show_problems(form, error.problems)
        else:
            return _done(_("%(name)s is saved.", name=found.name))
    db.session.rollback()
    return make_response(_page(form, found), 422)


@blueprint.get("/agents/<int:agent_id>/password")
@admin_only
def agent_password(agent_id: int) -> str:
    """The form for another agent's password."""
    found = db.get_or_404(Agent, agent_id)
    return render_template("settings/agent_password.html", form=NewPasswordForm(), person=found)


@blueprint.post("/agents/<int:agent_id>/password")
@admin_only
def reset_password(agent_id: int) -> Response:
    """Set the password; the agent is logged out everywhere."""
    found = db.get_or_404(Agent, agent_id)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            agents.reset_password(found, form.password.data)
        except InvalidAgentError as error:
            show_problems(form, error.problems)
        else:
            sentence = _(
                "%(name)s has a new password and is logged out everywhere.", name=found.name
            )
            return _done(sentence)
    page = render_template("settings/agent_password.html", form=form, person=found)
    return make_response(page, 422)


@blueprint.post("/agents/<int:agent_id>/deactivate")
@admin_only
def deactivate(agent_id: int) -> Response:
    """End the agent's access at once."""
    found = db.get_or_404(Agent, agent_id)
    try:
        agents.deactivate(found)
    except InvalidAgentError as error:
        form = agent_form(found)
        show_problems(form, error.problems)
        return make_response(_page(form, found), 422)
    return _done(_("%(name)s can no longer log in.", name=found.name))


@blueprint.post("/agents/<int:agent_id>/reactivate")
@admin_only
def reactivate(agent_id: int) -> Response:
    """Let the agent log in again."""
    found = db.get_or_404(Agent, agent_id)
    agents.reactivate(found)
    return _done(_("%(name)s can log in again.", name=found.name))


def _done(sentence: str) -> Response:
    db.session.commit()
    return saved(sentence, url_for("settings.list_agents"), list_agents)


def _page(form: AgentForm, found: Agent | None) -> str:
    return render_template("settings/agent.html", form=form, plain_form=PlainForm(), person=found)
