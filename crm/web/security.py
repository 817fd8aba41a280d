"""Checks and headers of every request: who may see a page, and the security policy."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import current_user
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.middleware.proxy_fix import ProxyFix

from crm.settings import Settings
from crm.web import hosts, incoming
from crm.web.layout import wants_fragment
from crm.web.path_prefix import BelowPrefix, cookie_path

View = TypeVar("View", bound=Callable[..., Any])

SECONDS_OF_A_YEAR = 365 * 24 * 3600
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
FILES_POLICY = "default-src 'none'; script-src 'self'; frame-ancestors 'none'"
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]"}


class LoginCookie(SecureCookieSessionInterface):
    """Flask's session cookie. Only our own pages change it; set over https, it stays on https."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie when the session has changed, unless another website sent the request."""
        if is_from_own_page():
            super().save_session(app, session, response)

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask passes it
        """Whether this request came over https (behind a proxy: TRUSTED_PROXIES)."""
        return request.is_secure

    def get_cookie_path(self, app: Flask) -> str:  # noqa: ARG002 - Flask passes it
        """Only this CRM gets it, whatever else stands on its host."""
        return cookie_path()


def init_app(app: Flask, settings: Settings) -> None:
    """Deny by default, set the headers, and trust as many proxies as the settings say."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        believed = dict.fromkeys(("x_for", "x_proto", "x_host", "x_prefix"), hops)
        app.wsgi_app = ProxyFix(BelowPrefix(app.wsgi_app), **believed)  # type: ignore[method-assign]
    app.session_interface = LoginCookie()
    app.jinja_env.globals["cookie_path"] = cookie_path
    incoming.init_app(app)
    hosts.init_app(app)
    app.before_request(deny_anonymous)
    app.after_request(set_security_headers)


def public(view: View) -> View:
    """Mark a view that anonymous visitors may see; every other view is denied to them."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def admin_only(view: View) -> View:
    """Mark a view that agents who are not admins may not see (403)."""
    view.is_admin_only = True  # type: ignore[attr-defined]
    return view


def deny_anonymous() -> None:
    """Raise 401 for anonymous visitors and 403 for agents on an admin's page."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, "is_public", False):
        return
    if not current_user.is_authenticated:
        raise Unauthorized
    if getattr(view, "is_admin_only", False) and not current_user.is_admin:
        raise Forbidden


def is_from_own_page() -> bool:
    """Whether this request cannot come from another website.

    A form of another website brings no cookie along (SameSite=Lax), but the browser would store
    one that the answer sets: any page on the web could log an agent out.
    """
    if request.method in SAFE_METHODS or g.get("csrf_valid") or wants_fragment():
        return True  # another origin cannot send htmx's header
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def is_loopback() -> bool:
    """Whether the browser runs on this machine; only then may cookies go without Secure."""
    return request.host.rsplit(":", 1)[0] in LOOPBACK_HOSTS


def private_cookie(*, secure: bool) -> dict[str, Any]:
    """Attributes of a cookie that no script reads, and that only our own pages bring along."""
    return {"path": cookie_path(), "httponly": True, "samesite": "Lax", "secure": secure}


def set_security_headers(response: Response) -> Response:
    """The strict policy: our own scripts and styles, and frames of the softphone alone."""
    # Shorter, because a page takes dozens of files.
    if request.endpoint in ("static", "manifest.manifest"):
        response.headers["Content-Security-Policy"] = FILES_POLICY
    else:
        softphone = getattr(current_user, "softphone_origin", None) if current_user else None
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "media-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
            "base-uri 'none'; "
            f"frame-ancestors 'none'; frame-src {softphone or chr(39) + 'none' + chr(39)}",
        )
        microphone = f'(self "{softphone}")' if softphone else "()"
        response.headers["Permissions-Policy"] = (
            f"microphone={microphone}, autoplay={microphone}, camera=(), geolocation=()"
        )
    response.headers["Referrer-Policy"] = "same-origin"
    # A page that opens the CRM gets no handle on its window. Pages the softphone opens do.
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    if request.is_secure and not request.script_root:  # it is about all that the host has
        response.headers["Strict-Transport-Security"] = f"max-age={SECONDS_OF_A_YEAR}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
