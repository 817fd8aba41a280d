"""A browser in which somebody has logged in before is known by a cookie of its own.

It opens nothing. It only counts wrong passwords apart (`crm.password_tries`), so that nobody is
locked out of their own browser by what somebody else tries at the same e-mail or address. It
outlives logging out; people who share a desk share a browser, so it names several.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

COOKIE = "known_browser"
LIFE = timedelta(days=365)
MOST_AGENTS = 20


@dataclass(frozen=True)
class KnownBrowser:
    """id: random, of this browser. agent_ids: who has logged in here, the latest first."""

    id: str
    agent_ids: tuple[int, ...] = ()


def read() -> KnownBrowser:
    """The browser that asks; a new id and nobody when it is not known."""
    try:
        content = _serializer().loads(
            request.cookies.get(COOKIE, ""), max_age=int(LIFE.total_seconds())
        )
        return KnownBrowser(str(content["id"]), tuple(map(int, content["agents"])))
    except (BadData, KeyError, TypeError, ValueError):
        return KnownBrowser(secrets.token_urlsafe(16))


def remember(answer: Response, agent_id: int) -> None:
    """This agent has just logged in here."""
    known = read()
    others = [other for other in known.agent_ids if other != agent_id]
    agents = [agent_id, *others][:MOST_AGENTS]
    answer.set_cookie(
        COOKIE,
        _serializer().dumps({"id": known.id, "agents": agents}),
        max_age=LIFE,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="known browser")
