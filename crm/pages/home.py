"""`GET /`: the first page is the contacts; who is not logged in comes to the login from there."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> Response:
    """Go to the contacts."""
    return redirect("/contacts")
