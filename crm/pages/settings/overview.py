"""`/settings`: the installation at a glance, and what is missing in it. For admins."""

from dataclasses import dataclass

from flask import current_app, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import agents, secret_box, tenants
from crm.models import Tenant, utc_now
from crm.pages.settings.blueprint import blueprint
from crm.secret_box import SecretLostError
from crm.settings import Settings
from crm.telephony import reconciliation
from crm.web.security import admin_only
from crm.web.vendor_words import in_words
from crm.worker import status


@dataclass(frozen=True)
class Missing:
    """Something that keeps a part from working, and the page where it can be fixed."""

    sentence: str
    url: str | None = None
    link: str = ""  # text of the link to that page


@blueprint.get("")
@admin_only
def overview() -> str:
    """Tenants and agents in figures, the installation's own settings, and what is missing."""
    settings: Settings = current_app.extensions["settings"]
    everyone = agents.all_agents()
    return render_template(
        "settings/overview.html",
        missing=missing(settings, tenants.all_tenants()),
        tenants=tenants.all_tenants(),
        active_agents=sum(agent.active for agent in everyone),
        inactive_agents=sum(not agent.active for agent in everyone),
        settings=settings,
    )


def missing(settings: Settings, everything: list[Tenant]) -> list[Missing]:
    """Everything an admin should know before the first call."""
    found = [
        Missing(sentence, url_for("settings.tenant", tenant_id=tenant.id), _("Set it"))
        for tenant in everything
        for sentence in _problems_of(tenant)
    ]
    found += _problems_of_background_work()
    for tenant in everything:
        failed = reconciliation.status(tenant).failed if tenant.reconcile else None
        if failed:
            sentence = _(
                "The reconciliation of tenant %(name)s failed: %(reason)s",
                name=tenant.name,
                reason=in_words(failed.last_error),
            )
            url = url_for("settings.imports", _anchor="reconciliation")
            found.append(Missing(sentence, url, _("Look at it")))
    if settings.public_url is None:
        found.append(
            Missing(
                _(
                    "PUBLIC_URL is not set, so no hangup address is sent with a dial. Ended calls "
                    "are completed by asking Call Center Studio, a little later. Set it in the "
                    "environment to the address where Call Center Studio reaches this CRM."
                )
            )
        )
    return found


def _problems_of(tenant: Tenant) -> list[str]:
    found = []
    if not tenant.app_token_sealed:
        found.append(
            _(
                "Tenant %(name)s has no app token. Its agents get into the CRM, but have no phone.",
                name=tenant.name,
            )
        )
    elif not can_open_token(tenant):
        found.append(
            _(
                "The app token of tenant %(name)s was stored with another SECRET_KEY and cannot be "
                "read any more. Enter it again.",
                name=tenant.name,
            )
        )
    elif tenant.last_answer_problem:
        found.append(
            _(
                "Tenant %(name)s could not be reached or was refused: %(reason)s",
                name=tenant.name,
                reason=in_words(tenant.last_answer_problem),
            )
        )
    if not any(agent.active for agent in tenant.agents):
        found.append(_("Tenant %(name)s has no agents yet.", name=tenant.name))
    return found


def _problems_of_background_work() -> list[Missing]:
    """Work that was given up, and work that is due while no worker runs."""
    standing = status.standing(now=utc_now())
    found = []
    if standing.overdue_since:
        sentence = _("Background work is due, but nothing is doing it. Is flask worker running?")
        found.append(Missing(sentence, url_for("settings.work", show="waiting"), _("Look at it")))
    if standing.failed:
        sentence = ngettext(
            "%(num)s piece of background work failed and was given up.",
            "%(num)s pieces of background work failed and were given up.",
            standing.failed,
        )
        found.append(Missing(sentence, url_for("settings.work", show="failed"), _("Look at it")))
    return found


def can_open_token(tenant: Tenant) -> bool:
    """Whether the stored token can be decrypted with this installation's key."""
    settings: Settings = current_app.extensions["settings"]
    try:
        secret_box.unseal(tenant.app_token_sealed or "", keys=settings.secret_keys)
    except SecretLostError:
        return False
    return True
