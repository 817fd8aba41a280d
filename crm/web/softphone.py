"""`/softphone`: the line at the head of the dock, which knows the softphone's address.

The iframe itself is put into the page by `static/js/softphone.js` and is never swapped; this line
is, when a telephony session begins or is renewed.
"""

from flask import Blueprint, Flask, Response, make_response, render_template
from flask import session as flask_session
from flask_babel import gettext as _
from flask_login import current_user

from crm.callcenterstudio import (
    IFRAME_ALLOW,
    CallCenterStudioError,
    LoginRefused,
    softphone_url,
)
from crm.models import utc_now
from crm.telephony import NotSetUpError, TelephonySession, keep_answer
from crm.web import cards, current_agent, telephony_session
from crm.web.layout import wants_fragment
from crm.web.phone import my_account, the_telephony

blueprint = Blueprint("softphone", __name__, url_prefix="/softphone")

PROBLEM = "telephony_problem"


def init_app(app: Flask) -> None:
    """Whole pages carry the dock: give their template what it draws."""
    app.context_processor(dock_context)


def dock_context() -> dict[str, object]:
    """What the dock shows on a full load: the softphone's line and the open cards."""
    if wants_fragment() or not current_user or not current_user.is_authenticated:
        return {}
    return {
        "softphone": line_context(telephony_session.read(current_user)),
        "softphone_allow": IFRAME_ALLOW,
        "cards": cards.open_cards(current_user),
        "server_time": utc_now().isoformat(),
    }


@blueprint.get("")
def line() -> str:
    """The line as the cookie says."""
    context = line_context(telephony_session.read(current_user))
    return render_template("call_panel/_softphone_line.html", softphone=context)


@blueprint.post("/login")
def log_in() -> Response:
    """Log in at Call Center Studio: by itself when there is no session, or by "Try again"."""
    session = connect()
    context = line_context(session)
    answer = make_response(render_template("call_panel/_softphone_line.html", softphone=context))
    if session:
        telephony_session.write(answer, session)
    return answer


def connect() -> TelephonySession | None:
    """Log the current agent in at Call Center Studio, or remember in words why that failed."""
    agent = current_agent.get()
    try:
        session = the_telephony().log_in(my_account())
    except CallCenterStudioError as error:
        if not isinstance(error, LoginRefused):  # which is about the agent
            keep_answer(agent.tenant_id, str(error), now=utc_now())
        flask_session[PROBLEM] = str(error)
        return None
    keep_answer(agent.tenant_id, "", now=utc_now())
    flask_session.pop(PROBLEM, None)
    return session


def line_context(session: TelephonySession | None) -> dict[str, str | None]:
    """The iframe's address when there is a session; else the problem, or nothing yet."""
    if session is None:
        return {"src": None, "problem": flask_session.get(PROBLEM)}
    try:
        account = my_account()
        src = softphone_url(
            account.softphone_page,
            tenant=account.softphone_tenant_value,
            session=session.key,
        )
    except NotSetUpError as error:
        return {"src": None, "problem": str(error)}
    except ValueError:
        return {"src": None, "problem": _("The softphone's address in Settings is not usable.")}
    return {"src": src, "problem": None}
