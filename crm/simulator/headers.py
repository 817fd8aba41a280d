"""Security headers of every answer. Registered by `create_simulator`."""

from flask import Response, g

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; media-src 'self' blob:; form-action 'self'; base-uri 'none'"
)


def add_security_headers(response: Response) -> Response:
    """A strict policy. The softphone page alone may stand in somebody's iframe: that is what it
    is for.
    """
    policy = POLICY if g.get("may_be_framed") else POLICY + "; frame-ancestors 'none'"
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
