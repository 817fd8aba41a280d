"""`/login` and `/logout`: who is at the desk. Logging in here logs in at Call Center Studio too."""

import re
from urllib.parse import urlsplit

from flask import Blueprint, Flask, make_response, redirect, render_template, request, url_for
from flask import session as flask_session
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_limiter.util import get_remote_address
from flask_login import current_user, logout_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import DataRequired

from crm import agents, logins
from crm.extensions import csrf, db, limiter
from crm.logins import Place
from crm.models import Agent, utc_now
from crm.models.locking import in_one_transaction
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
    """A whole page is sent to `/login`; one for #main gets the form with 401, the dock untouched.

    A small piece of a page only says it: many of them ask at once, and each form would bring its
    own token. `static/js/login-lost.js` hears that and asks for the form, once.
    """
    if not wants_fragment():
        return redirect(url_for("auth.login", next=_wanted_page()))
    if not _is_for_main():
        return make_response("", 401, {"HX-Reswap": "none", "HX-Trigger": "logged-out"})
    return into_main(make_response(_login_page(LoginForm(formdata=None), _wanted_page()), 401))


def _wanted_page() -> str | None:
    """Where to go on after the login: the page itself, or the one whose form was sent."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    around = request.headers.get("HX-Current-URL")
    return urlsplit(around)._replace(scheme="", netloc="").geturl() if around else None


def _is_for_main() -> bool:
    """A script's own requests, and Back and Forward, name the whole body or nothing."""
    return request.headers.get("HX-Target", "main#main") in ("main#main", "body")


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
@csrf.exempt  # asked in the view: a form that waited too long comes again, with a new token
@limiter.limit(
    FAILED_LOGINS_ALLOWED,
    key_func=_address_and_email,
    deduct_when=lambda response: response.status_code == REFUSED,
)
def log_in() -> AnyResponse:
    """Check the password, log in here and at Call Center Studio, go on to where one wanted to."""
    form = LoginForm()
    token = None
    if _is_too_old():
        form.password.errors = [_("This page had waited too long. Enter your password once more.")]
    elif form.validate_on_submit():
        agent = agents.authenticate(form.email.data, form.password.data)
        token = _begin_login(agent) if agent is not None else None
        if token is None:
            form.password.errors = [_("E-mail and password do not belong together.")]
    if token is None:
        return make_response(_login_page(form, request.values.get("next")), REFUSED)
    return _welcome(token, _safe_next(request.values.get("next")))


def _is_too_old() -> bool:
    try:
        csrf.protect()
    except CSRFError:
        return True
    return False


@blueprint.post("/logout")
def log_out() -> AnyResponse:
    """End the login in this browser, also for whoever has a copy of its cookie; both cookies go."""
    agent = current_agent.get()
    logins.end(agent.id, agent.login_id)
    db.session.commit()
    logout_user()
    flask_session.clear()
    answer = redirect(url_for("auth.login"), 303)
    telephony_session.forget(answer)
    return answer


def place() -> Place:
    """Where this request comes from, as its login will be listed."""
    return Place(request.remote_addr or "", request.user_agent.string)


def _begin_login(agent: Agent) -> str | None:
    """A new login in the place of the one that this browser had; see `logins.begin`."""
    agent_id, password_hash, before = agent.id, agent.password_hash, current_user

    def begin() -> str | None:
        if before.is_authenticated:
            logins.end(before.id, before.login_id)
        return logins.begin(agent_id, password_hash, place(), now=utc_now())

    return in_one_transaction(begin)


def _welcome(token: str, target: str) -> AnyResponse:
    flask_session.clear()  # a login starts with nothing that an earlier visitor left
    current_agent.log_in(token)
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
