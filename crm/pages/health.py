"""`GET /healthz`: whether the process runs and the database answers. For load balancers."""

from flask import Blueprint
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crm.extensions import db
from crm.web.hosts import any_host
from crm.web.security import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
@any_host
def healthz() -> tuple[dict[str, str], int]:
    """200 when the database answers, 503 when it does not."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return {"process": "ok", "database": "unreachable"}, 503
    return {"process": "ok", "database": "ok"}, 200
