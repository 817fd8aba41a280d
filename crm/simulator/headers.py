"""Security headers of every answer, and whom a request may address. Registered by
`create_simulator`.
"""

from urllib.parse import urlsplit

from flask import Response, g, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; media-src 'self' blob:; form-action 'self'; base-uri 'none'"
)


OWN_NAMES = ("localhost", "127.0.0.1", "::1")


def refuse_unknown_host() -> Response | None:
    """400 when a request names another machine: some website has its own name point to this one."""
    try:
        name = urlsplit(f"//{request.host}").hostname
    except ValueError:
        name = None
    if name in OWN_NAMES:
        return None
    return Response("The simulator answers to localhost and 127.0.0.1 alone.\n", 400)


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
