"""`/settings/me`: an agent's own name, language and password, what a ring opens, and where the
agent is logged in.
"""

from json import dumps

from flask import abort, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from crm import agents, logins, password_tries
from crm.agents import InvalidAgentError
from crm.extensions import db
from crm.models import Agent, utc_now
from crm.models.locking import in_one_transaction
from crm.pages import login, try_limits
from crm.pages.settings.agent_form import OwnPasswordForm, own_profile_form
from crm.pages.settings.blueprint import PlainForm, blueprint, saved, show_problems
from crm.web import current_agent
from crm.web.browser_names import browser_in_words
from crm.web.layout import speak


@blueprint.get("/me")
def me() -> str:
    """The form of the agent's name and habits, and the list of logins."""
    return _page(own_profile_form(_me()))


@blueprint.post("/me")
def change_me() -> Response:
    """Save it, or show the form again."""
    form = own_profile_form(_me())
    if form.validate_on_submit():
        try:
            agents.change_own_profile(
                _me(),
                name=form.name.data,
                locale=form.language.data or None,
                pop_opens_contact=form.pop_opens_contact.data,
                ring_sound=form.ring_sound.data,
            )
        except InvalidAgentError as error:
            show_problems(form, error.problems)
        else:
            db.session.commit()
            speak(form.language.data)
            answer = saved(_("Your settings are saved."), url_for("settings.me"), me)
            # The dock outlives this page (static/js/told-of-a-ring.js).
            answer.headers["HX-Trigger"] = dumps({"ring-sound": {"on": form.ring_sound.data}})
            return answer
    return make_response(_page(form), 422)


@blueprint.get("/me/password")
def my_password() -> str:
    """The form for a new password."""
    return _password_page(OwnPasswordForm())


@blueprint.post("/me/password")
def change_my_password() -> Response:
    """Change the password: every login ends, and this browser gets a new one."""
    form = OwnPasswordForm()
    if form.validate_on_submit():
        ways = try_limits.at_own_password(current_agent.get().id)
        wait = password_tries.take(ways, now=utc_now())
        if wait is not None:
            show_problems(form, {"current_password": try_limits.sentence(wait)})
            return try_limits.refusal(_password_page(form), wait)
        agent = _me()
        try:
            agents.change_own_password(agent, form.current_password.data, form.password.data)
        except InvalidAgentError as error:
            show_problems(form, error.problems)
            if "current_password" not in error.problems:
                in_one_transaction(lambda: password_tries.give_back(ways, now=utc_now()))
        else:
            password_tries.give_back(ways, now=utc_now())
            token = logins.begin(agent.id, agent.password_hash, login.this_browser(), now=utc_now())
            db.session.commit()
            if token is not None:  # else an admin has deactivated the agent this very moment
                current_agent.log_in(token)
            sentence = _("Your password is changed. You are logged out everywhere else.")
            return saved(sentence, url_for("settings.me"), me)
    return make_response(_password_page(form), 422)


@blueprint.post("/me/logins/<int:login_id>/end")
def end_login(login_id: int) -> Response:
    """End one of the agent's logins. Ending this browser's own is a log-out."""
    agent = current_agent.get()
    if login_id == agent.login_id:
        return login.log_out()
    if not logins.end(agent.id, login_id):
        abort(404)
    db.session.commit()
    return saved(_("That login has ended."), url_for("settings.me"), me)


@blueprint.post("/me/logins/end-others")
def end_other_logins() -> Response:
    """End all of the agent's logins but this browser's."""
    agent = current_agent.get()
    logins.end_all(agent.id, but=agent.login_id)
    db.session.commit()
    return saved(_("You are logged out everywhere else."), url_for("settings.me"), me)


def _me() -> Agent:
    return db.session.get_one(Agent, current_agent.get().id)


def _password_page(form: OwnPasswordForm) -> str:
    return render_template("settings/my_password.html", form=form)


def _page(form: FlaskForm) -> str:
    agent = current_agent.get()
    found = logins.of_agent(agent.id, now=utc_now())
    return render_template(
        "settings/me.html",
        form=form,
        plain_form=PlainForm(),
        person=_me(),
        login_days=logins.LIFE.days,
        logins=sorted(found, key=lambda one: one.id != agent.login_id),  # this browser first
        this_login=agent.login_id,
        browser_in_words=browser_in_words,
    )
