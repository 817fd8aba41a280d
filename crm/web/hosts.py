"""By which names the CRM may be addressed.

A page of another website can have a name of its own point to this machine ("DNS rebinding"): the
browser takes the CRM then for a part of that website. So a request that names another host than
the CRM's own gets nothing. `security.init_app` installs it.
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
    """To be called before anything else looks at a request."""
    app.before_request(refuse_unknown_host)


def any_host(view: View) -> View:
    """Mark a view that looks at no cookie, so that the name it is called by does not matter: a
    load balancer uses an address, and nobody knows what stands between the vendor and this CRM.
    """
    view.takes_any_host = True  # type: ignore[attr-defined]
    return view


def refuse_unknown_host() -> Response | None:
    """400 with what to do about it."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_any_host", False):
        return None
    settings: Settings = current_app.extensions["settings"]
    name = _name(request.host)
    if any(_is(name, known) for known in settings.hosts):
        return None
    return Response(WORDS, 400, mimetype="text/plain")


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""  # werkzeug gives "" for most that is no host
    except ValueError:
        return ""


def _is(name: str, known: str) -> bool:
    return name.endswith(known) if known.startswith(".") else name == known
