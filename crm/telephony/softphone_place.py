"""Which of an agent's browsers has the softphone. In two of them a call would ring at two places.

A browser is a login (`crm.logins`). It gets the softphone when it asks Call Center Studio for it
(`login.py`) and no other browser in use has it. `POST /softphone/take` is the agent's own click in
another one, refused while a call is up. The page that has it says so every ten seconds, and hears
then that another browser has it now (`X-Softphone`); when it is closed it says that too
(static/js/softphone-place.js).
"""

from flask import Blueprint, Response, render_template, request
from flask_login import current_user

from crm import calls, logins
from crm.models import Login, utc_now
from crm.models.locking import in_one_transaction
from crm.telephony import login
from crm.telephony.session_store import read_cookie
from crm.telephony.softphone import Line, draw_line
from crm.web import current_agent
from crm.web.browser_names import browser_in_words

blueprint = Blueprint("softphone_place", __name__, url_prefix="/softphone")


@blueprint.post("/take")
def take() -> str:
    """Give this browser the softphone, unless a call is up; the line at the head of the dock."""
    agent = current_agent.get()
    if other_browser() and calls.is_on_call(agent.id, now=utc_now()):
        template = "call_panel/_softphone_line.html"
        return render_template(template, softphone=Line(), is_in_use=True)
    in_one_transaction(lambda: logins.give_softphone(agent.id, agent.login_id))
    return draw_line(read_cookie())


@blueprint.post("/here")
def here() -> Response:
    """The page still has the softphone, unless the answer says that another browser has it."""
    agent = current_agent.get()
    answer = Response(status=204)
    if agent.has_softphone is None and other_browser() is None:  # it had said that it is closed
        in_one_transaction(lambda: logins.give_softphone(agent.id, agent.login_id))
    elif not agent.has_softphone:
        answer.headers["X-Softphone"] = "elsewhere"
    return answer


@blueprint.post("/leave")
def leave() -> Response:
    """The page with the softphone is closed or loaded again."""
    agent = current_agent.get()
    in_one_transaction(lambda: logins.leave_softphone(agent.login_id, now=utc_now()))
    return Response(status=204)


@login.blueprint.before_request
def one_browser_has_it() -> str | None:
    """The line that names the other browser, instead of asking Call Center Studio."""
    if not current_user.is_authenticated:
        return None
    if other_browser():
        return draw_line(None)
    agent = current_agent.get()
    if not agent.has_softphone:
        in_one_transaction(lambda: logins.give_softphone(agent.id, agent.login_id))
    return None


@blueprint.after_app_request
def tell_that_it_is_gone(answer: Response) -> Response:
    """Tell pages of a browser from which another one has taken the softphone."""
    if "HX-Request" in request.headers and getattr(current_user, "has_softphone", None) is False:
        answer.headers["X-Softphone"] = "elsewhere"
    return answer


@blueprint.app_template_global()
def other_browser() -> Login | None:
    """The agent's other browser that has the softphone, or None."""
    agent = current_agent.get()
    if agent.has_softphone:
        return None
    return logins.softphone_elsewhere(agent.id, agent.login_id, now=utc_now())


blueprint.add_app_template_filter(browser_in_words)
