"""`/login` and `/logout`: who is at the desk. Logging in here logs in at Call Center Studio too."""

import re
from urllib.parse import urlsplit

from flask import Blueprint, Flask, make_response, redirect, render_template, request, url_for
from flask import session as flask_session
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user, logout_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import DataRequired

from crm import agents, logins, password_tries
from crm.extensions import csrf, db
from crm.logins import Place
from crm.models import utc_now
from crm.models.locking import in_one_transaction
from crm.pages import try_limits
from crm.password_tries import Ways
from crm.telephony import login as telephony_login
from crm.telephony.session_store import forget_cookie
from crm.web import current_agent, known_browser
from crm.web.errors import into_main
from crm.web.layout import wants_fragment
from crm.web.security import public

blueprint = Blueprint("auth", __name__)

REFUSED = 422
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
def log_in() -> AnyResponse:
    """Check the password, log in here and at Call Center Studio, go on to where one wanted to."""
    form = LoginForm()
    target = request.values.get("next")
    if _is_too_old():
        form.password.errors = [
            _("This page was open for too long. Enter your password once more.")
        ]
    elif form.validate_on_submit():
        ways = try_limits.at_login(form.email.data)
        wait = password_tries.take(ways, now=utc_now())
        if wait is not None:
            form.form_errors.append(try_limits.sentence(wait))
            return try_limits.refusal(_login_page(form, target), wait)
        token = _begin_login(form.email.data, form.password.data, ways)
        if token is not None:
            return _welcome(token, _safe_next(target))
        form.password.errors = [_("E-mail and password do not match.")]
    return make_response(_login_page(form, target), REFUSED)


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
    forget_cookie(answer)
    return answer


def place() -> Place:
    """Where this request comes from, as its login will be listed."""
    return Place(request.remote_addr or "", request.user_agent.string)


def _begin_login(email: str, password: str, ways: Ways) -> str | None:
    """The token of a new login in the place of the one that this browser had; None when e-mail and
    password do not match. ways: where the try was counted.
    """
    agent = agents.authenticate(email, password)
    if agent is None:
        return None
    agent_id, password_hash, before = agent.id, agent.password_hash, current_user

    def begin() -> str | None:
        token = logins.begin(agent_id, password_hash, place(), now=utc_now())
        if token is not None:
            password_tries.give_back(ways, now=utc_now())
            if before.is_authenticated:
                logins.end(before.id, before.login_id)
        return token

    return in_one_transaction(begin)


def _welcome(token: str, target: str) -> AnyResponse:
    flask_session.clear()  # a login starts with nothing that an earlier visitor left
    current_agent.log_in(token)
    is_connected = telephony_login.connect()
    # Inside the page that never reloads, htmx follows to the page and takes the new token along.
    answer: AnyResponse = redirect(target, 303)
    known_browser.remember(answer, current_agent.get().id)
    if not is_connected:  # an earlier one may be of the address that the agent had before
        forget_cookie(answer)
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
