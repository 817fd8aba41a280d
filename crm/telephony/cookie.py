"""The telephony session in the agent's cookie: signed, HttpOnly, bound to agent and tenant.

The session key is kept nowhere else but in memory. A cookie that is forged, too old, or another
agent's is as if it were not there.
"""

from datetime import UTC, datetime

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from crm.models import utc_now
from crm.telephony.sessions import TelephonySession
from crm.web.current_agent import CurrentAgent
from crm.web.security import is_loopback

COOKIE = "telephony_session"


def read(agent: CurrentAgent) -> TelephonySession | None:
    """The telephony session of this very agent at this very tenant, or None."""
    try:
        content = _serializer().loads(request.cookies.get(COOKIE, ""))
        session = TelephonySession(
            key=str(content["key"]),
            agent_id=int(content["agent"]),
            tenant_id=int(content["tenant"]),
            origins=(str(content["api"]), str(content["softphone"])),
            made_at=_time(content["made"]),
            expires_at=_time(content["expires"]),
        )
    except (BadData, KeyError, TypeError, ValueError, OverflowError):
        return None
    theirs = (session.agent_id, session.tenant_id) == (agent.id, agent.tenant_id)
    # An admin has changed the tenant's addresses since: the key is not for the new ones.
    theirs = theirs and session.origins == (agent.api_origin, agent.softphone_origin)
    return session if theirs and session.expires_at > utc_now() else None


def write(response: Response, session: TelephonySession) -> None:
    """Keep the session in the browser until it expires."""
    content = {
        "key": session.key,
        "agent": session.agent_id,
        "tenant": session.tenant_id,
        "api": session.origins[0],
        "softphone": session.origins[1],
        "made": session.made_at.timestamp(),
        "expires": session.expires_at.timestamp(),
    }
    response.set_cookie(
        COOKIE,
        _serializer().dumps(content),
        expires=session.expires_at,
        httponly=True,
        samesite="Lax",
        secure=not is_loopback(),
    )


def forget(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=not is_loopback())


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="telephony session")


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
