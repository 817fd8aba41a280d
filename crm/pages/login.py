"""`/login` and `/logout`. Logging in here logs in at Call Center Studio too."""

import re
from urllib.parse import unquote, urlsplit

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
from crm.logins import BrowserInfo
from crm.models import Agent, utc_now
from crm.models.locking import in_one_transaction
from crm.pages import try_limits
from crm.password_tries import Ways
from crm.telephony import login as telephony_login
from crm.telephony.session_store import forget_cookie
from crm.translations import LANGUAGES
from crm.web import current_agent, known_browser
from crm.web.errors import into_main
from crm.web.layout import speak, wants_fragment
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
    language = HiddenField()  # chosen on this page: it becomes the agent's own
    password = PasswordField(
        lazy_gettext("Password"), validators=[DataRequired(lazy_gettext("Enter your password."))]
    )


def init_app(app: Flask) -> None:
    """A 401 shows the login form where the page would be."""
    app.register_error_handler(Unauthorized, ask_to_log_in)


def ask_to_log_in(_error: Unauthorized) -> AnyResponse:
    """A page is redirected to `/login`; #main gets the form with 401, and the dock stays.

    A smaller fragment gets only a `logged-out` event: many fragments ask at once, and each form
    would bring its own token. `static/js/still-there.js` hears the event and asks for one form.
    """
    if not wants_fragment():
        return redirect(url_for("auth.login", next=_wanted_page()))
    # A script's own requests, and Back and Forward, name the whole body or nothing.
    if request.headers.get("HX-Target", "main#main") not in ("main#main", "body"):
        return make_response("", 401, {"HX-Reswap": "none", "HX-Trigger": "logged-out"})
    return into_main(make_response(_login_page(LoginForm(formdata=None), _wanted_page()), 401))


def _wanted_page() -> str | None:
    """The page to show after the login: this one, or the one whose form was sent."""
    if request.method == "GET":
        return f"{request.script_root}{request.full_path}".rstrip("?")
    around = request.headers.get("HX-Current-URL")
    return urlsplit(around)._replace(scheme="", netloc="").geturl() if around else None


@blueprint.get("/login")
@public
def login() -> AnyResponse:
    """The login form; whoever is logged in already is sent on."""
    if current_user.is_authenticated:
        return redirect(_safe_next(request.args.get("next")))
    chosen = request.args.get("language", "")
    if chosen:
        speak(chosen)
    form = LoginForm(formdata=None, language=chosen)
    return make_response(_login_page(form, request.args.get("next")))


@blueprint.post("/login")
@public
@csrf.exempt  # checked in the view: a form that is too old is shown again, with a new token
def log_in() -> AnyResponse:
    """Check the password, log in here and at Call Center Studio, and open the page asked for."""
    form = LoginForm()
    target = request.values.get("next")
    if form.language.data:
        speak(form.language.data)
    try:
        csrf.protect()
    except CSRFError:
        form.password.errors = [
            _("This page was open for too long. Enter your password once more.")
        ]
        return make_response(_login_page(form, target), REFUSED)
    if form.validate_on_submit():
        ways = try_limits.at_login(form.email.data)
        wait = password_tries.take(ways, now=utc_now())
        if wait is not None:
            form.form_errors.append(try_limits.sentence(wait))
            return try_limits.refusal(_login_page(form, target), wait)
        token = _begin_login(form.email.data, form.password.data, ways)
        if token is not None:
            return _logged_in(token, _safe_next(target), form.language.data)
        form.password.errors = [_("E-mail and password do not match.")]
    return make_response(_login_page(form, target), REFUSED)


@blueprint.post("/logout")
def log_out() -> AnyResponse:
    """End this browser's login, for every copy of its cookie, and delete both cookies."""
    agent = current_agent.get()
    logins.end(agent.id, agent.login_id)
    db.session.commit()
    logout_user()
    flask_session.clear()
    answer = redirect(url_for("auth.login", language=agent.locale), 303)
    forget_cookie(answer)
    return answer


def this_browser() -> BrowserInfo:
    """The browser that sent this request, for the list of logins."""
    return BrowserInfo(request.remote_addr or "", request.user_agent.string)


def _begin_login(email: str, password: str, ways: Ways) -> str | None:
    """Check the password and store a new login, which replaces this browser's earlier one.

    Returns its token, or None when e-mail and password do not match. ways: how the try was counted.
    """
    agent = agents.authenticate(email, password)
    if agent is None:
        return None
    agent_id, password_hash, before = agent.id, agent.password_hash, current_user

    def begin() -> str | None:
        token = logins.begin(agent_id, password_hash, this_browser(), now=utc_now())
        if token is not None:
            password_tries.give_back(ways, now=utc_now())
            if before.is_authenticated:
                logins.end(before.id, before.login_id)
        return token

    return in_one_transaction(begin)


def _logged_in(token: str, target: str, language: str) -> AnyResponse:
    """Set the cookies and go on to `target`; logs in at Call Center Studio."""
    flask_session.clear()  # nothing of an earlier visitor is left
    current_agent.log_in(token)
    if language in LANGUAGES:
        db.session.get_one(Agent, current_agent.get().id).locale = language
        db.session.commit()
    is_connected = telephony_login.connect()
    # Inside the page that never reloads, htmx follows to the page and takes the new token along.
    answer: AnyResponse = redirect(target, 303)
    known_browser.remember(answer, current_agent.get().id)
    if not is_connected:  # an earlier session may belong to the agent's former address there
        forget_cookie(answer)
    return answer


def _login_page(form: LoginForm, target: str | None) -> str:
    form.next.data = _safe_next(target)
    return render_template("login.html", form=form, languages=LANGUAGES)


def _safe_next(target: str | None) -> str:
    """The target if it is a page of this CRM, else the first page."""
    first, root = url_for("contacts.index"), request.script_root
    if not target or not target.startswith(f"{root}/") or target.startswith(("//", "/\\")):
        return first
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or CONTROL_CHARACTERS.search(target):
        return first
    path = unquote(parts.path)
    if ".." in path or "\\" in path:  # it may lead out of the prefix
        return first
    at_the_door = (url_for("auth.login"), url_for("auth.log_out"))
    return first if path.startswith(at_the_door) else target
