"""`/login` and `/logout`: who is at the desk. Logging in here logs in at Call Center Studio too."""

import re
from urllib.parse import urlsplit

from flask import Blueprint, Flask, make_response, redirect, render_template, request, url_for
from flask import session as flask_session
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import DataRequired

from crm import agents
from crm.extensions import limiter
from crm.models import Agent
from crm.web import current_agent, softphone, telephony_session
from crm.web.errors import into_main
from crm.web.layout import wants_fragment
from crm.web.security import public

blueprint = Blueprint("auth", __name__)

FAILED_LOGINS_ALLOWED = "10 per 15 minutes"
REFUSED = 422
LONGEST_EMAIL = 254
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


class LoginForm(FlaskForm):
    """E-mail and password."""

    email = EmailField(
        lazy_gettext("E-mail"), validators=[DataRequired(lazy_gettext("Enter your e-mail."))]
    )
    next = HiddenField()
    password = PasswordField(
        lazy_gettext("Password"), validators=[DataRequired(lazy_gettext("Enter your password."))]
    )


def init_app(app: Flask) -> None:
    """A 401 shows the login form where the page would be."""
    app.register_error_handler(Unauthorized, ask_to_log_in)


def ask_to_log_in(_error: Unauthorized) -> AnyResponse:
    """A whole page is sent to `/login`; a fragment gets the form with 401, the dock untouched."""
    if not wants_fragment():
        return redirect(url_for("auth.login", next=_wanted_page()))
    return into_main(make_response(_login_page(LoginForm(formdata=None), _wanted_page()), 401))


def _wanted_page() -> str | None:
    """Where to go on after the login. Not to a small piece of a page: to the page around it."""
    around = request.headers.get("HX-Current-URL")
    is_for_main = request.headers.get("HX-Target", "main#main") == "main#main"
    if request.method == "GET" and (is_for_main or not around):
        return request.full_path.rstrip("?")
    return urlsplit(around)._replace(scheme="", netloc="").geturl() if around else None


def _address_and_email() -> str:
    email = agents.normal_email(request.form.get("email", ""))[:LONGEST_EMAIL]
    return f"{get_remote_address()} {email}"


@blueprint.get("/login")
@public
def login() -> AnyResponse:
    """The login form; somebody who is logged in already goes on."""
    if current_user.is_authenticated:
        return redirect(_safe_next(request.args.get("next")))
    return make_response(_login_page(LoginForm(formdata=None), request.args.get("next")))


@blueprint.post("/login")
@public
@limiter.limit(
    FAILED_LOGINS_ALLOWED,
    key_func=_address_and_email,
    deduct_when=lambda response: response.status_code == REFUSED,
)
def log_in() -> AnyResponse:
    """Check the password, log in here and at Call Center Studio, go on to where one wanted to."""
    form = LoginForm()
    agent = None
    if form.validate_on_submit():
        agent = agents.authenticate(form.email.data, form.password.data)
        if agent is None:
            form.password.errors = [_("E-mail and password do not belong together.")]
    if agent is None:
        return make_response(_login_page(form, request.values.get("next")), REFUSED)
    return _welcome(agent, _safe_next(request.values.get("next")))


@blueprint.post("/logout")
def log_out() -> AnyResponse:
    """End the login here; both cookies go."""
    logout_user()
    flask_session.clear()
    answer = redirect(url_for("auth.login"), 303)
    telephony_session.forget(answer)
    return answer


def _welcome(agent: Agent, target: str) -> AnyResponse:
    flask_session.clear()  # a login starts with nothing that an earlier visitor left
    snapshot = current_agent.of(agent)
    login_user(snapshot)
    flask_session.permanent = True
    session = softphone.connect()
    # Inside the page that never reloads, htmx follows to the page and takes the new token along.
    answer: AnyResponse = redirect(target, 303)
    if session:
        telephony_session.write(answer, session)
    else:  # an earlier one may be of the address that the agent had at the vendor before
        telephony_session.forget(answer)
    return answer


def _login_page(form: LoginForm, target: str | None) -> str:
    form.next.data = _safe_next(target)
    return render_template("login.html", form=form)


def _safe_next(target: str | None) -> str:
    """Only a path of this very site; anything else is the first page."""
    home = "/contacts"
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return home
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or CONTROL_CHARACTERS.search(target):
        return home
    return home if parts.path.startswith(("/login", "/logout")) else target
