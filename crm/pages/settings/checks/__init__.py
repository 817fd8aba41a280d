"""`/settings/checks`: is this desk ready for calls? Reached from the dock and the agent's menu.

The page is drawn at once and asks nobody. Then the browser checks itself, and the page has the
server ask (POST), as a button does again.
"""

from flask import Response, make_response, render_template, request
from flask_login import current_user

from crm.callcenterstudio import origin_of
from crm.pages.settings.blueprint import PlainForm, blueprint
from crm.pages.settings.checks.asked import findings
from crm.pages.settings.checks.at_server import AT_SERVER
from crm.pages.settings.checks.in_browser import IN_BROWSER
from crm.pages.settings.checks.table import Check, Finding
from crm.web.layout import wants_fragment

ALL = (*IN_BROWSER, *AT_SERVER)


@blueprint.get("/checks")
def checks() -> str:
    """All checks, not made yet."""
    return _draw("settings/checks.html", None)


@blueprint.post("/checks")
def check() -> Response:
    """The server's checks, made; the vendor is asked."""
    template = "settings/_checks_at_server.html" if wants_fragment() else "settings/checks.html"
    return make_response(_draw(template, findings(origin_of(request.host_url))))


@blueprint.app_context_processor
def light_context() -> dict[str, object]:
    """For the template of a whole page: the checks that the light in its dock shows."""
    if wants_fragment() or not current_user or not current_user.is_authenticated:
        return {}
    return {"light_checks": [one for one in IN_BROWSER if one.in_light]}


def rows(*, for_admin: bool) -> tuple[Check, ...]:
    """The server's checks that this person sees."""
    return tuple(one for one in AT_SERVER if for_admin or not one.for_admins)


def _draw(template: str, found: dict[str, Finding] | None) -> str:
    return render_template(
        template,
        in_browser=IN_BROWSER,
        at_server=rows(for_admin=current_user.is_admin),
        found=found,
        plain_form=PlainForm(),
        origin=origin_of(request.host_url),
    )
