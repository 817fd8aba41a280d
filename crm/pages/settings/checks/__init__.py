"""`/settings/checks`: is this desk ready for calls? Reached from the dock and the agent's menu.

The page is drawn at once and asks nobody. Then the browser checks itself, and the page has the
server ask (POST), as a button does again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from crm import tenants
from crm.callcenterstudio import origin_of
from crm.extensions import db
from crm.models import Tenant
from crm.pages.settings.blueprint import PlainForm, blueprint
from crm.pages.settings.checks.asked import about_tenant
from crm.pages.settings.checks.at_installation import AT_INSTALLATION
from crm.pages.settings.checks.at_server import AT_SERVER
from crm.pages.settings.checks.in_browser import IN_BROWSER
from crm.pages.settings.checks.installation import about_installation, database
from crm.pages.settings.checks.table import Check, Finding
from crm.web import current_agent
from crm.web.layout import wants_fragment

ALL = (*IN_BROWSER, *AT_SERVER, *AT_INSTALLATION)


@dataclass(frozen=True)
class Section:
    """A heading with the rows below it. findings: empty until the checks are made."""

    title: str
    of: str  # the tenant, for admins
    ending: str  # of the rows' ids
    rows: tuple[Check, ...]
    findings: Mapping[str, Finding]


@blueprint.get("/checks")
def checks() -> str:
    """All checks, not made yet."""
    return _draw("settings/checks.html", made=False)


@blueprint.post("/checks")
def check() -> Response:
    """The server's checks, made; the vendor is asked."""
    template = "settings/_checks_at_server.html" if wants_fragment() else "settings/checks.html"
    return make_response(_draw(template, made=True))


@blueprint.app_context_processor
def light_context() -> dict[str, object]:
    """For the template of a whole page: the checks that the light in its dock shows."""
    if wants_fragment() or not current_user or not current_user.is_authenticated:
        return {}
    return {"light_checks": [one for one in IN_BROWSER if one.in_light]}


def _draw(template: str, *, made: bool) -> str:
    """Agents see two checks of their tenant; admins see all, of all tenants, their own first."""
    me = current_agent.get()
    rows = tuple(one for one in AT_SERVER if me.is_admin or not one.for_admins)
    own = db.session.get_one(Tenant, me.tenant_id)
    others = [one for one in tenants.all_tenants() if one != own] if me.is_admin else []
    title, desk = _("The CRM and Call Center Studio"), origin_of(request.host_url)
    sections, arrival = [], None
    for tenant_id, name in [(one.id, one.name) for one in (own, *others)]:
        findings: dict[str, Finding] = {}
        if made:
            about = about_tenant(tenant_id, desk, for_admins=me.is_admin, zone=me.timezone)
            findings, arrival = about.findings, arrival or about.arrival
        of, ending = (
            (name if me.is_admin else ""),
            ("" if tenant_id == me.tenant_id else f"-{name}"),
        )
        sections.append(Section(title, of, ending, rows, findings))
    if me.is_admin:
        found = {"database": database(), **about_installation(arrival)} if made else {}
        sections.append(Section(_("This installation"), "", "", AT_INSTALLATION, found))
    return render_template(
        template,
        in_browser=IN_BROWSER,
        sections=sections,
        made=made,
        plain_form=PlainForm(),
        origin=desk,
    )
