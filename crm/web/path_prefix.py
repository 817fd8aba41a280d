"""The path below which the CRM stands on its host: `/desk` in https://intranet.example/desk/.

The proxy in front names it in X-Forwarded-Prefix; TRUSTED_PROXIES says whether that is believed.
Flask's `url_for` then puts it before every address. Nothing else makes an address: scripts take
theirs from the page. `security.init_app` installs this. Why: docs/adr/0030-path-prefix.md.
"""

import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request
from werkzeug.wrappers import Response

# No second slash at the beginning: a browser would read a host name behind it.
PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
WORDS = (
    "The proxy in front of the CRM sends a header X-Forwarded-Prefix that is no path. It must be "
    "like /desk: a slash first, then letters, digits and . _ ~ - with slashes between.\n"
)


class BelowPrefix:
    """WSGI: takes the prefix off the path, unless the proxy has done so."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer 400 when the prefix is none."""
        prefix = environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "").rstrip("/")
        if prefix and not PREFIX.fullmatch(prefix):
            return Response(WORDS, 400, mimetype="text/plain")(environ, start_response)
        path = environ.get("PATH_INFO", "")
        if prefix and f"{path}/".startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path.removeprefix(prefix) or "/"
        return self._application(environ, start_response)


def cookie_path() -> str:
    """The path of this CRM's cookies: what else stands on the host does not get them."""
    return request.script_root or "/"
