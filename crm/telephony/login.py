"""Call Center Studio's login (guide, section "Login"): on the CRM's login, and from the dock.

`crm/pages/login.py` calls `connect`, which sends `Client.login`. `login: false` is LoginRefused,
with the vendor's words, or WrongAppToken if they are about the app token (`opened` in the client's
envelope.py): the agent is still in the CRM, the dock says why, and "Try again" is
`POST /softphone/login`. The page with the softphone asks `POST /softphone/check` when it is loaded
and every few minutes. `session_store.py` keeps the session; the client's sessions.py renews it.
"""

from collections.abc import Callable

from flask import Blueprint, Response, make_response
from flask import session as flask_session

from crm.callcenterstudio import (
    AgentSession,
    CallCenterStudioError,
    LoginRefused,
    Refused,
    SessionExpired,
)
from crm.models import utc_now
from crm.telephony.account import NotSetUpError, keep_answer
from crm.telephony.session_store import forget_cookie, my_account, my_session, read_cookie
from crm.telephony.softphone import PASSING, PROBLEM, draw_line
from crm.web import current_agent

blueprint = Blueprint("softphone_login", __name__, url_prefix="/softphone")


@blueprint.post("/login")
def log_in() -> Response:
    """Log in at Call Center Studio: a new session, by the agent's own click."""
    return _answer(AgentSession.log_in)


@blueprint.post("/check")
def check() -> Response:
    """Try the session at Call Center Studio; renew it if it has expired or soon will."""
    return _answer(AgentSession.check)


def connect() -> bool:
    """Log the current agent in at Call Center Studio; the session goes into the cookie.

    If that fails, the dock says why.
    """
    try:
        my_session(my_account(), tell_page=False).log_in()
    except CallCenterStudioError as error:
        _remember(error)
        return False
    _forget_problem()
    return True


def _answer(act: Callable[[AgentSession], object]) -> Response:
    """The line at the head of the dock, after Call Center Studio was asked."""
    try:
        session = my_session(my_account(), tell_page=False)
        act(session)
    except CallCenterStudioError as error:
        is_passing = _remember(error)
        known = read_cookie() if is_passing else None  # the agent's present session may still work
        answer = make_response(draw_line(known, answered=False if known else None))
        if known is None:
            forget_cookie(answer)
        return answer
    _forget_problem()
    return make_response(draw_line(session.current, answered=True))


def _remember(error: CallCenterStudioError) -> bool:
    """Store the error for the dock; returns whether it may pass by itself.

    No network, an overloaded vendor, a proxy's maintenance page may pass; a refusal does not.
    """
    if not isinstance(error, LoginRefused | SessionExpired):  # which are about the agent
        keep_answer(current_agent.get().tenant_id, str(error), now=utc_now())
    is_passing = not isinstance(error, Refused | NotSetUpError)
    # The page tries again by itself, so the text needs no advice to.
    flask_session[PROBLEM] = error.happened if is_passing else str(error)
    flask_session[PASSING] = is_passing
    return is_passing


def _forget_problem() -> None:
    keep_answer(current_agent.get().tenant_id, "", now=utc_now())
    flask_session.pop(PROBLEM, None)
    flask_session.pop(PASSING, None)
