"""`/login` and `/logout`: who is at the desk. Logging in here logs in at Call Center Studio too."""

from urllib.parse import urlsplit

from flask import Blueprint, Flask, make_response, redirect, render_template, request
from flask import session as flask_session
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired

from crm import agents
from crm.extensions import limiter
from crm.models import Agent
from crm.web import current_agent
from crm.web.layout import wants_fragment
from crm.web.security import public

blueprint = Blueprint("auth", __name__)

FAILED_LOGINS_ALLOWED = "10 per 15 minutes"


class LoginForm(FlaskForm):  # type: ignore[misc]
    """E-mail and password."""

    email = EmailField(
        lazy_gettext("E-mail"), validators=[DataRequired(lazy_gettext("Enter your e-mail."))]
    )
    password = PasswordField(
        lazy_gettext("Password"), validators=[DataRequired(lazy_gettext("Enter your password."))]
    )


def init_app(app: Flask) -> None:
    """A 401 shows the login form where the page would be."""
    app.register_error_handler(Unauthorized, ask_to_log_in)


def ask_to_log_in(_error: Unauthorized) -> AnyResponse:
    """A whole page is sent to `/login`; a fragment gets the form with 401, the dock untouched."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    if not wants_fragment():
        return redirect(url_for("auth.login", next=wanted))
    answer = make_response(_login_page(LoginForm(formdata=None), wanted), 401)
    if "HX-History-Restore-Request" not in request.headers:
        answer.headers["HX-Retarget"] = "#main"
        answer.headers["HX-Reswap"] = "outerHTML"
    return answer


def _address_and_email() -> str:
    email = agents.normal_email(request.form.get("email", ""))
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
    deduct_when=lambda response: response.status_code == 422,
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
        return make_response(_login_page(form, request.form.get("next")), 422)
    return _welcome(agent, _safe_next(request.form.get("next")))


@blueprint.post("/logout")
def log_out() -> AnyResponse:
    """End the login here; both cookies go."""
    logout_user()
    flask_session.clear()
    answer = redirect(url_for("auth.login"), 303)
    answer.delete_cookie("telephony_session")
    return answer


def _welcome(agent: Agent, target: str) -> AnyResponse:
    flask_session.clear()  # a login starts with nothing that an earlier visitor left
    snapshot = current_agent.of(agent)
    login_user(snapshot)
    flask_session.permanent = True
    answer: AnyResponse = redirect(target, 303)
    return answer


def _login_page(form: LoginForm, target: str | None) -> str:
    return render_template("login.html", form=form, next=_safe_next(target), csrf=generate_csrf())


def _safe_next(target: str | None) -> str:
    """Only a path of this very site; anything else is the first page."""
    home = "/contacts"
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return home
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(letter) < 0x20 for letter in target):
        return home
    return home if parts.path.startswith(("/login", "/logout")) else target
