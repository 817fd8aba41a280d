"""The lines of `/settings/me` that say where one is logged in."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from crm import logins
from crm.models import Login
from crm.pages.settings.browser_words import browser_and_system
from crm.web.current_agent import CurrentAgent


@dataclass(frozen=True)
class LoginLine:
    """One login. where: its browser in words. is_this: it is the one that asks."""

    id: int
    where: str
    address: str
    began_at: datetime
    last_seen_at: datetime
    is_this: bool


def of(agent: CurrentAgent, *, now: datetime) -> list[LoginLine]:
    """Where the agent is logged in: this browser first, then by when it was last seen."""
    found = [_line(login, agent) for login in logins.of_agent(agent.id, now=now)]
    return sorted(found, key=lambda line: not line.is_this)


def _line(login: Login, agent: CurrentAgent) -> LoginLine:
    browser, system = browser_and_system(login.browser)
    if browser and system:
        where = str(_("%(browser)s on %(system)s", browser=browser, system=system))
    else:
        where = browser or system or str(_("Unknown browser"))
    return LoginLine(
        id=login.id,
        where=where,
        address=login.address,
        began_at=login.began_at,
        last_seen_at=login.last_seen_at,
        is_this=login.id == agent.login_id,
    )
