"""A cookie that recognises a browser in which somebody has logged in before.

It gives no access. It only has wrong passwords counted apart (`crm.password_tries`), so that
attempts of others at the same e-mail or address do not lock agents out of their own browser. It
outlives logging out. It names several agents, because people who share a desk share a browser.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from crm.settings import Settings
from crm.web.security import private_cookie

COOKIE = "known_browser"
LIFE = timedelta(days=365)
MOST_AGENTS = 20


@dataclass(frozen=True)
class KnownBrowser:
    """The content of the cookie."""

    id: str  # random
    agent_ids: tuple[int, ...] = ()  # agents who have logged in here, the latest first


def read() -> KnownBrowser:
    """This request's browser; an unknown one gets a new id and no agents."""
    try:
        content = _serializer().loads(
            request.cookies.get(COOKIE, ""), max_age=int(LIFE.total_seconds())
        )
        return KnownBrowser(str(content["id"]), tuple(map(int, content["agents"])))
    except (BadData, KeyError, TypeError, ValueError):
        return KnownBrowser(secrets.token_urlsafe(16))


def remember(answer: Response, agent_id: int) -> None:
    """Add an agent who has just logged in here."""
    known = read()
    others = [other for other in known.agent_ids if other != agent_id]
    agents = [agent_id, *others][:MOST_AGENTS]
    answer.set_cookie(
        COOKIE,
        _serializer().dumps({"id": known.id, "agents": agents}),
        max_age=LIFE,
        **private_cookie(secure=request.is_secure),
    )


def _serializer() -> URLSafeTimedSerializer:
    settings: Settings = current_app.extensions["settings"]
    return URLSafeTimedSerializer(settings.signing_keys, salt="known browser")
