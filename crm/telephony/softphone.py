"""`/softphone`: the line at the head of the dock, which knows the softphone's address.

The iframe itself is put into the page by `static/js/softphone.js` and is never swapped; this line
is, when a telephony session begins or is renewed. The vendor's page tells no state, so it says what
is known: what the API answered to the key. `static/js/softphone-line.js` adds what a browser knows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Flask, Response, make_response, render_template
from flask import session as flask_session
from flask_babel import gettext as _
from flask_login import current_user

from crm import tenants
from crm.callcenterstudio import (
    IFRAME_ALLOW,
    CallCenterStudioError,
    LoginRefused,
    Refused,
    SessionExpired,
    softphone_url,
)
from crm.models import utc_now
from crm.telephony import call_panel, cookie
from crm.telephony.phone import my_account, the_telephony
from crm.telephony.sessions import Account, NotSetUpError, Telephony, TelephonySession, keep_answer
from crm.web import current_agent
from crm.web.layout import wants_fragment

blueprint = Blueprint("softphone", __name__, url_prefix="/softphone")

PROBLEM = "telephony_problem"
PASSING = "telephony_problem_is_passing"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What the line knows.

    src: the iframe's address, None without a session. answered: whether the API took its key just
    now; None when it was not asked. problem: why there is no session, or no answer. is_passing: the
    same question may be answered later, so the page asks again by itself. renew_in: seconds.
    """

    src: str | None = None
    answered: bool | None = None
    problem: str | None = None
    is_passing: bool = False
    renew_in: int | None = None


def init_app(app: Flask) -> None:
    """Whole pages carry the dock: give their template what it draws."""
    app.context_processor(dock_context)


def dock_context() -> dict[str, object]:
    """What the dock shows on a full load: the softphone's line and the open cards."""
    if wants_fragment() or not current_user or not current_user.is_authenticated:
        return {}
    return {
        "softphone": _line_of(cookie.read(current_user)),
        "softphone_allow": IFRAME_ALLOW,
        "softphone_unsandboxed": tenants.softphone_is_unsandboxed(current_user.tenant_id),
        "cards": call_panel.open_cards(),
        "server_time": utc_now().isoformat(),
    }


@blueprint.get("")
def line() -> str:
    """The line as the cookie says; Call Center Studio is not asked."""
    return _draw(_line_of(cookie.read(current_user)))


@blueprint.post("/login")
def log_in() -> Response:
    """Log in at Call Center Studio: a new session, by the agent's own click."""
    return _answer(lambda phone, account, _known: phone.log_in(account))


@blueprint.post("/check")
def check() -> Response:
    """Try the session at Call Center Studio; renew it when it has run out, or will soon.

    Asked by the page that has the softphone, when it is loaded and every few minutes.
    """
    return _answer(lambda phone, account, known: phone.check(account, known))


def connect() -> TelephonySession | None:
    """Log the current agent in at Call Center Studio, or remember in words why that failed."""
    try:
        session = the_telephony().log_in(my_account())
    except CallCenterStudioError as error:
        _remember(error)
        return None
    _forget_problem()
    return session


def _answer(
    ask: Callable[[Telephony, Account, TelephonySession | None], TelephonySession],
) -> Response:
    known = cookie.read(current_user)
    try:
        session = ask(the_telephony(), my_account(), known)
    except CallCenterStudioError as error:
        _remember(error)
        if known is not None and _is_passing(error):  # what the agent has may still work
            return make_response(_draw(_line_of(known, answered=False)))
        answer = make_response(_draw(_line_of(None)))
        cookie.forget(answer)
        return answer
    _forget_problem()
    answer = make_response(_draw(_line_of(session, answered=True)))
    if known is None or known.key != session.key:
        cookie.write(answer, session)
    return answer


def _remember(error: CallCenterStudioError) -> None:
    if not isinstance(error, LoginRefused | SessionExpired):  # which are about the agent
        keep_answer(current_agent.get().tenant_id, str(error), now=utc_now())
    flask_session[PROBLEM] = error.happened if _is_passing(error) else str(error)
    flask_session[PASSING] = _is_passing(error)


def _forget_problem() -> None:
    keep_answer(current_agent.get().tenant_id, "", now=utc_now())
    flask_session.pop(PROBLEM, None)
    flask_session.pop(PASSING, None)


def _is_passing(error: CallCenterStudioError) -> bool:
    """No network, an overloaded vendor, a proxy's maintenance page; not a refusal."""
    return not isinstance(error, Refused | NotSetUpError)


def _line_of(session: TelephonySession | None, *, answered: bool | None = None) -> Line:
    """The iframe's address when there is a session; else the problem, or nothing yet."""
    problem, is_passing = flask_session.get(PROBLEM), bool(flask_session.get(PASSING))
    if session is None:
        return Line(problem=problem, is_passing=is_passing)
    try:
        account = my_account()
        src = softphone_url(
            account.softphone_page,
            tenant=account.softphone_tenant_value,
            session=session.key,
        )
    except NotSetUpError as error:
        return Line(problem=str(error))
    except ValueError:
        return Line(problem=_("The softphone's address in Settings is not usable."))
    return Line(
        src=src,
        answered=answered,
        problem=problem if answered is False else None,
        is_passing=is_passing,
        renew_in=max(0, (session.renew_at - utc_now()) // timedelta(seconds=1)),
    )


def _draw(line: Line) -> str:
    return render_template("call_panel/_softphone_line.html", softphone=line)
