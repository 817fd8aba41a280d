"""The names by which the CRM may be addressed.

Another website can have one of its own names point to this machine ("DNS rebinding"). The browser
then takes the CRM for a part of that website. So a request for an unknown host is refused.
`security.init_app` installs this.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

from crm.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])

WORDS = (
    "The CRM is not known by the name in this address. If the name is right, whoever runs the CRM "
    "adds it to ALLOWED_HOSTS, or sets PUBLIC_URL, and starts it again.\n"
)


def init_app(app: Flask) -> None:
    """Must run before anything else reads a request."""
    app.before_request(refuse_unknown_host)


def any_host(view: View) -> View:
    """Mark a view that reads no cookie and so may be called by any name.

    A load balancer uses an IP address, and proxies between the vendor and this CRM are not known.
    """
    view.takes_any_host = True  # type: ignore[attr-defined]
    return view


def refuse_unknown_host() -> Response | None:
    """Answer 400 with what to do about it, or None for a known host."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_any_host", False):
        return None
    settings: Settings = current_app.extensions["settings"]
    try:
        name = urlsplit(f"//{request.host}").hostname or ""  # werkzeug gives "" for most bad hosts
    except ValueError:
        name = ""
    for known in settings.hosts:
        if name == known or (known.startswith(".") and name.endswith(known)):
            return None
    return Response(WORDS, 400, mimetype="text/plain")
