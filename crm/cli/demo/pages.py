"""What the demo alone has on its pages: the reset, and the guided tour with what it asks of the
simulator. `wsgi` registers it; an installation has none of these addresses.
"""

from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import make_url, select

from crm.cli.demo import at_simulator, people, restore
from crm.contacts import directory
from crm.extensions import db
from crm.models import PhoneNumber
from crm.settings import Settings
from crm.simulator.seed import TENANTS
from crm.web import current_agent
from crm.web.security import public

blueprint = Blueprint("demo", __name__, url_prefix="/demo", template_folder="templates")

FILES = Path(__file__).parent / "static"
# Who calls for the first time; the first of them that is no contact yet.
STRANGERS = (
    (555, "James Carter"),
    (556, "Olivia Reed"),
    (557, "Henry Blackwood"),
    (558, "Sophie Langford"),
    (559, "Daniel Frost"),
)
BAD_GATEWAY = 502


def init_app(app: Flask) -> None:
    """Register the addresses, and have the templates show the tour."""
    app.register_blueprint(blueprint)
    app.context_processor(
        lambda: {"demo_agents": people.LOGINS, "demo_generation": restore.generation(_database())}
    )


@blueprint.get("/<any('tour.js', 'tour.css', 'scenes.js'):name>")
@public
def file(name: str) -> Response:
    """Scripts and style."""
    answer = send_from_directory(FILES, name)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/generation")
@public
def generation() -> ResponseReturnValue:
    """Another text after each reset."""
    return restore.generation(_database())


@blueprint.post("/reset")
@public
def reset() -> ResponseReturnValue:
    """Bring back the seeded state of CRM and simulator."""
    restore.reset(_settings(), _database(), _database().with_name("seed.db"))
    return "", 204


@blueprint.get("/tour/state")
def state() -> ResponseReturnValue:
    """The agent's softphone and calls at the simulator, and the people of the story."""
    email = current_agent.get().studio_email
    told = at_simulator.ask(_settings(), "state")
    agents = [agent for tenant in told["tenants"] for agent in tenant["agents"]]
    softphone = next((one["softphone"] for one in agents if one["email"] == email), "offline")
    numbers = {f"+447700900{number}": name for number, name in STRANGERS}
    known = directory.only_owners(numbers)
    stranger = next((one for one in numbers if one not in known), next(iter(numbers)))
    elif_id = db.session.scalar(
        select(PhoneNumber.contact_id).where(PhoneNumber.normal_form == people.KNOWN).limit(1)
    )
    return jsonify(
        softphone=softphone,
        calls=[one for one in told["calls"] if one["agent"] == email],
        stranger={"number": stranger, "name": numbers[stranger]},
        known={
            "number": people.KNOWN,
            "url": url_for("contacts.show", contact_id=elif_id)
            if elif_id
            else url_for("contacts.index"),
        },
        other={"number": people.SELIN},
    )


@blueprint.post("/tour/ring")
def ring() -> ResponseReturnValue:
    """Somebody calls the agent: number, queue, masked. A queue of another tenant is the first one
    of this.
    """
    wish = {name: _wish().get(name) for name in ("number", "queue", "masked")}
    own = next((one.queues for one in TENANTS if one.name == current_agent.get().tenant_name), ())
    wish["queue"] = wish["queue"] if wish["queue"] in own else ""
    return jsonify(at_simulator.ask(_settings(), "ring", wish | _me()))


@blueprint.post("/tour/calls/<int:call>/<any('softphone', 'far-side'):side>/<action>")
def act(call: int, side: str, action: str) -> ResponseReturnValue:
    """What the agent does in the softphone, or the other party."""
    at_simulator.ask(_settings(), f"calls/{call}/{side}/{action}", {})
    return "", 204


@blueprint.post("/tour/expire")
def expire() -> ResponseReturnValue:
    """The vendor ends the agent's session."""
    at_simulator.ask(_settings(), "expire-sessions", _me())
    return "", 204


@blueprint.errorhandler(OSError)
def simulator_refuses(error: OSError) -> ResponseReturnValue:
    """The simulator does not answer, or refuses; the tour waits and says so."""
    return jsonify(error=str(error)), BAD_GATEWAY


def _me() -> dict[str, Any]:
    return {"agent": current_agent.get().studio_email}


def _wish() -> dict[str, Any]:
    wish = request.get_json()
    return wish if isinstance(wish, dict) else {}


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _database() -> Path:
    return Path(str(make_url(_settings().database_url).database))
