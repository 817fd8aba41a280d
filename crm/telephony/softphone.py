"""The softphone's iframe (guide, section "Generic Softphone"): its address, and the line above it.

`static/js/softphone.js` puts the iframe into the dock. A link swaps `#main` and nothing else
(`nav_attrs` in templates/_macros.html), so the dock stays. The line holds the iframe's address, and
is swapped when a telephony session begins or is renewed; `static/js/softphone-line.js` gives a new
address to the iframe. The vendor's page reports no state: the line shows the API's answer.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template
from flask import session as flask_session
from flask_babel import gettext as _
from flask_login import current_user

from crm import tenants
from crm.callcenterstudio import IFRAME_ALLOW, TelephonySession, softphone_url
from crm.models import utc_now
from crm.telephony import call_panel
from crm.telephony.account import NotSetUpError
from crm.telephony.session_store import my_account, read_cookie
from crm.web.layout import wants_fragment

blueprint = Blueprint("softphone", __name__, url_prefix="/softphone")

# Why the last login failed and whether that may pass by itself, in Flask's session.
PROBLEM = "telephony_problem"
PASSING = "telephony_problem_is_passing"


@dataclass(frozen=True, kw_only=True)
class Line:
    """The contents of the line."""

    src: str | None = None  # the iframe's address; None without a session
    answered: bool | None = None  # whether the API accepted its key just now; None: not asked
    problem: str | None = None  # why there is no session, or no answer
    is_passing: bool = False  # the page asks again by itself
    renew_in: int | None = None  # seconds


@blueprint.get("")
def line() -> str:
    """The line from the cookie; Call Center Studio is not asked."""
    return draw_line(read_cookie())


@blueprint.app_context_processor
def dock_context() -> dict[str, object]:
    """For the template of a whole page: the softphone's line and the open cards, for its dock."""
    if wants_fragment() or not current_user or not current_user.is_authenticated:
        return {}
    return {
        "softphone": line_of(read_cookie()),
        "softphone_allow": IFRAME_ALLOW,
        "softphone_unsandboxed": tenants.softphone_is_unsandboxed(current_user.tenant_id),
        "cards": call_panel.open_cards(),
        "server_time": utc_now().isoformat(),
    }


def draw_line(session: TelephonySession | None, *, answered: bool | None = None) -> str:
    """The line as HTML."""
    line = line_of(session, answered=answered)
    return render_template("call_panel/_softphone_line.html", softphone=line)


def line_of(session: TelephonySession | None, *, answered: bool | None = None) -> Line:
    """The iframe's address if there is a session; else the problem, or nothing yet."""
    problem, is_passing = flask_session.get(PROBLEM), bool(flask_session.get(PASSING))
    if session is None:
        return Line(problem=problem, is_passing=is_passing)
    try:
        account = my_account()
        src = softphone_url(
            account.softphone_page, tenant=account.softphone_tenant_value, session=session.key
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
