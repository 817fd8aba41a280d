"""`GET /manifest.webmanifest`: lets Chrome install the desk as an app in a window of its own.

There is no service worker: an installed desk is always the one that the server has now.
"""

from flask import Blueprint, Response, render_template

from crm.web.security import public

blueprint = Blueprint("manifest", __name__)


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """The name, the icons and the first page, for the browser."""
    text = render_template("manifest.webmanifest")
    return Response(text, mimetype="application/manifest+json")
